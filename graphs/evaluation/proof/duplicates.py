"""Duplicates: is the earlier ticket among the ten most similar ones that were filed before?

Owns the tables. Corpora, searches and ablations are those of `graphs.similar`; the query is always the later report.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphs.errors import StrataError
from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.proof.tables import Kind, Line, Table, Test
from graphs.evaluation.ranking import ranked
from graphs.similar.corpus import Corpus, hadoop, issues
from graphs.similar.index import Votes
from graphs.similar.measure import Search, newest, offline, online, tfidf

AT = (1, 5, 10)
OURS = "strata"
SEARCHES: dict[str, tuple[Kind, Search]] = {
    OURS: ("ours", online()),
    "without the title's own vote": ("part", online(Votes(title=0))),
    "without vectors": ("part", online(Votes(meaning=0))),
    "without closeness in time": ("part", online(Votes(soon=0))),
    "knowing the whole corpus beforehand": ("part", offline),
    "TF-IDF": ("baseline", tfidf),
    "newest reports": ("baseline", newest),
}
GITBUGS = "GitBugs (`av9ash/gitbugs`, CC BY 4.0, arXiv 2504.09651), in `DIR/data/gitbugs-hadoop`"


def duplicates(folder: Path) -> tuple[Table, ...]:
    """Raises `graphs.errors.StrataError` where the folder holds no such data."""
    return (
        _table("hadoop", "Duplicates among reports of Apache Hadoop, all pairs", GITBUGS, [hadoop(folder, "combined")]),
        _table("hadoop-test", "The same, official test pairs only", GITBUGS, [hadoop(folder, "test")]),
        _table(
            "issue-pairs",
            "Duplicates among issues of LLM applications",
            "pairs that people named, in `DIR/data/llm-app-issues/duplicates.csv`",
            issues(folder),
        ),
    )


def _table(key: str, title: str, source: str, corpora: Sequence[Corpus]) -> Table:
    truths = [corpus.pairs[one.key] for corpus in corpora for one in corpus.entries if one.key in corpus.pairs]
    lines: list[Line] = []
    hits: dict[str, list[bool]] = {}
    for name, (kind, search) in SEARCHES.items():
        answers = [one for corpus in corpora for one in search(corpus)]
        found = ranked(answers, truths, AT)
        if found is None:
            raise StrataError(f"{title}: none of the pairs stands in the data")
        shown = found.hits if kind != "part" else {10: found.hits[10]}
        lines += [Line(what=f"{name}: recall@{k}", figure=one, kind=kind) for k, one in shown.items()]
        hits[name] = [bool(set(answer[:10]) & truth) for answer, truth in zip(answers, truths, strict=True)]
    reports = sum(len(corpus.entries) for corpus in corpora)
    return Table(
        key=key,
        title=title,
        about=(
            (
                f"{reports:,} reports. Candidates are all that were filed before the later one of a pair; no threshold."
                " A hit is any of its earlier twins. Nothing of the future is known, but where a line says so."
            ),
        ),
        source=source,
        lines=tuple(lines),
        tests=(Test(what="recall@10, strata against TF-IDF", mcnemar=mcnemar(hits["TF-IDF"], hits[OURS])),),
    )
