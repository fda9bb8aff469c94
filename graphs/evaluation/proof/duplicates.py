"""Duplicates: is the earlier ticket among the ten most similar ones that were filed before?

Owns the two public sets of pairs and the plain text baseline. The query is always the later report.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphs.errors import StrataError
from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.proof.tables import Line, Table, Test
from graphs.evaluation.ranking import ranked
from graphs.model import Millis
from graphs.ranking.corpus import issues_file
from graphs.rows import BadRow, TicketRow, read_rows
from graphs.similar.index import Entry, SimilarTickets

AT = (1, 5, 10)


@dataclass(frozen=True)
class Pool:
    """Tickets of one tracker, oldest first, and which of them repeat which."""

    entries: list[Entry]
    pairs: dict[str, set[str]]
    """Later report to the earlier ones that it repeats."""


def duplicates(folder: Path) -> tuple[Table, ...]:
    """Raises `graphs.errors.StrataError` where the folder holds no such data."""
    return (
        _table(
            "hadoop",
            "Duplicates among 2,503 reports of Apache Hadoop",
            "GitBugs (`av9ash/gitbugs`, CC BY 4.0, arXiv 2504.09651), in `DIR/data/gitbugs-hadoop`",
            [hadoop(folder)],
        ),
        _table(
            "issue-pairs",
            "Duplicates among issues of LLM applications",
            "pairs that people named, in `DIR/data/llm-app-issues/duplicates.csv`",
            issue_pools(folder),
        ),
    )


def hadoop(folder: Path) -> Pool:
    base = folder / "data/gitbugs-hadoop"
    rows = _csv(base / "hadoop_bugs.csv")
    entries = [
        Entry(key=row["Issue id"], title=row["Summary"], body=row["Description"], at=_at(row), project="hadoop")
        for row in rows
    ]
    entries.sort(key=lambda one: (one.at, one.key))
    return Pool(
        entries,
        _pairs([(row["Issue id"], row["Duplicate id"]) for row in _csv(base / "hadoop_bugs-test.csv")], entries),
    )


def issue_pools(folder: Path) -> list[Pool]:
    told = _csv(folder / "data/llm-app-issues/duplicates.csv")
    by_repo: dict[str, list[Entry]] = {row["repo"]: [] for row in told}
    for row in read_rows(issues_file(folder)):
        if not isinstance(row, BadRow) and row.repo in by_repo and row.created_at is not None:
            by_repo[row.repo].append(_entry(row, row.created_at))
    pools = []
    for repo, entries in by_repo.items():
        entries.sort(key=lambda one: (one.at, one.key))
        named = [(f"{repo}#{row['number']}", f"{repo}#{row['duplicate_of']}") for row in told if row["repo"] == repo]
        pools.append(Pool(entries, _pairs(named, entries)))
    return pools


def _table(key: str, title: str, source: str, pools: list[Pool]) -> Table:
    ours = [answer for pool in pools for answer in _ours(pool)]
    plain = [answer for pool in pools for answer in _tfidf(pool)]
    truths = [truth for pool in pools for truth in _asked(pool).values()]
    lines = []
    hits = {}
    for name, answers, kind in (("strata", ours, "ours"), ("TF-IDF", plain, "baseline")):
        found = ranked(answers, truths, AT)
        if found is None:
            raise StrataError(f"{title}: none of the pairs stands in the data")
        lines += [
            Line(what=f"{name}: recall@{k}", figure=one, kind="ours" if kind == "ours" else "baseline")
            for k, one in found.hits.items()
        ]
        hits[name] = [bool(set(answer[:10]) & truth) for answer, truth in zip(answers, truths, strict=True)]
    return Table(
        key=key,
        title=title,
        about=(
            "Candidates are all reports filed before the later one of a pair; no threshold. Nothing is closed by this.",
        ),
        source=source,
        lines=tuple(lines),
        tests=(Test(what="recall@10, strata against TF-IDF", mcnemar=mcnemar(hits["TF-IDF"], hits["strata"])),),
    )


def _asked(pool: Pool) -> dict[str, set[str]]:
    return {entry.key: pool.pairs[entry.key] for entry in pool.entries if entry.key in pool.pairs}


def _ours(pool: Pool) -> list[list[str]]:
    """Tickets enter the index in the order of filing; each query sees what is in it at its moment."""
    index, found = SimilarTickets(), []
    for entry in pool.entries:
        if entry.key in pool.pairs:
            found.append([hit.key for hit in index.find(entry, 10)])
        index.add(entry)
    return found


def _tfidf(pool: Pool) -> list[list[str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit_transform(
        f"{one.title}\n{one.body}" for one in pool.entries
    )
    found = []
    for at, entry in enumerate(pool.entries):
        if entry.key in pool.pairs:
            alike = np.asarray((matrix[:at] @ matrix[at].T).todense()).ravel()
            found.append([pool.entries[one].key for one in np.argsort(-alike, kind="stable")[:10]])
    return found


def _pairs(named: Sequence[tuple[str, str]], entries: list[Entry]) -> dict[str, set[str]]:
    """By the later report, whichever of the two was named first."""
    place = {entry.key: at for at, entry in enumerate(entries)}
    pairs: dict[str, set[str]] = {}
    for one, other in named:
        if one in place and other in place and one != other:
            later, earlier = (one, other) if place[one] > place[other] else (other, one)
            pairs.setdefault(later, set()).add(earlier)
    return pairs


def _entry(row: TicketRow, at: Millis) -> Entry:
    return Entry(key=row.key, title=row.title, body=row.body, at=at, project=row.project, private=False)


def _at(row: dict[str, str]) -> Millis:
    found = TicketRow.model_validate({"id": row["Issue id"], "created_at": row["Created"]}).created_at
    if found is None:
        raise StrataError(f"report {row['Issue id']} has no time")
    return found


def _csv(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise StrataError(f"{path} cannot be read: {error.strerror}") from None
