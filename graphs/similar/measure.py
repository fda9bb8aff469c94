"""Measures the search for similar tickets: `python -m graphs.similar.measure --data DIR` prints JSON.

Owns the protocols. A question is a later report, its candidates are all reports filed before it; `recall@k` is the
share of its known earlier twins among the first k. `online` fills the index as time goes by, as the bot does: nothing
of the future is known, not even which words are rare. `offline` knows the whole corpus beforehand, as
`strata duplicates find` does. Nothing was chosen on these questions.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from graphs.model import Value
from graphs.rates import Rate, paired_p, rate
from graphs.similar.corpus import Corpus, every_repository, hadoop, issues
from graphs.similar.index import SHOWN_FROM, Entry, SimilarTickets, Votes

DEPTHS = (1, 5, 10)
Answers = list[list[str]]
"""For each question the candidates' keys, best first."""
Search = Callable[[Corpus], Answers]


class Recall(Value):
    """`at[k]`: share of questions with a twin among the first k; the exact test compares it with TF-IDF at 10."""

    at: dict[int, Rate]
    mean_recall_at_10: float
    p_against_tfidf: float | None = None


class Judged(Value):
    """Whether a reader would be glad to be shown `found` beside `asked`."""

    asked: str
    found: str
    related: bool


def online(votes: Votes = Votes()) -> Search:  # noqa: B008  # frozen
    def search(corpus: Corpus) -> Answers:
        index, found = SimilarTickets(votes), []
        for entry in corpus.entries:
            if entry.key in corpus.pairs:
                found.append([hit.key for hit in index.find(entry)])
            index.add(entry)
        return found

    return search


def offline(corpus: Corpus) -> Answers:
    index = SimilarTickets()
    for entry in corpus.entries:
        index.add(entry)
    return [[hit.key for hit in index.find(entry)] for entry in corpus.entries if entry.key in corpus.pairs]


def tfidf(corpus: Corpus) -> Answers:
    """The baseline: scikit-learn's defaults over title and body, weighed over the whole corpus."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = TfidfVectorizer().fit_transform([f"{one.title}\n{one.body}" for one in corpus.entries])
    found = []
    for at, entry in enumerate(corpus.entries):
        if entry.key in corpus.pairs:
            scores = np.asarray((rows[at] @ rows[:at].T).todense()).ravel()
            best = np.argsort(-scores, kind="stable")[: DEPTHS[-1]]
            found.append([corpus.entries[one].key for one in best])
    return found


def newest(corpus: Corpus) -> Answers:
    """The baseline of recency: the reports filed just before."""
    return [
        [one.key for one in reversed(corpus.entries[max(0, at - DEPTHS[-1]) : at])]
        for at, entry in enumerate(corpus.entries)
        if entry.key in corpus.pairs
    ]


def measure(corpora: Sequence[Corpus]) -> dict[str, Recall]:
    """Every search on the same questions."""
    searches: dict[str, Search] = {
        "newest": newest,
        "tfidf": tfidf,
        "strata_offline": offline,
        "strata_online": online(),
        "online_without_title": online(Votes(title=0)),
        "online_without_vectors": online(Votes(meaning=0)),
        "online_without_closeness": online(Votes(soon=0)),
    }
    known = [corpus.pairs[one.key] for corpus in corpora for one in corpus.entries if one.key in corpus.pairs]
    answers = {name: [one for corpus in corpora for one in search(corpus)] for name, search in searches.items()}
    baseline = _hits(answers["tfidf"], known, DEPTHS[-1])
    return {name: _recall(found, known, None if name == "tfidf" else baseline) for name, found in answers.items()}


def _hits(answers: Answers, known: Sequence[set[str]], depth: int) -> list[bool]:
    return [bool(twins & set(found[:depth])) for found, twins in zip(answers, known, strict=True)]


def _recall(answers: Answers, known: Sequence[set[str]], baseline: list[bool] | None) -> Recall:
    shares = [len(twins & set(found[:10])) / len(twins) for found, twins in zip(answers, known, strict=True)]
    return Recall(
        at={depth: rate(_hits(answers, known, depth)) for depth in DEPTHS},
        mean_recall_at_10=round(float(np.mean(shares)), 4),
        p_against_tfidf=None if baseline is None else paired_p(_hits(answers, known, DEPTHS[-1]), baseline),
    )


def judged() -> list[Judged]:
    """Pairs that were looked at one by one, drawn by score from repositories of the issues."""
    content = (resources.files("graphs.similar") / "data/judged.json").read_bytes()
    return TypeAdapter(list[Judged]).validate_json(content)


def precision(folder: Path) -> dict[str, Rate]:
    """Of the judged best hits, the share that was worth showing, by score."""
    wanted = {one.asked: one for one in judged()}
    repositories = {one.partition("#")[0].casefold() for one in wanted}
    bands: dict[str, list[bool]] = {}
    for name, entries in every_repository(folder).items():
        if name not in repositories:
            continue
        for score, answer in _scored(entries, wanted):
            for low in (SHOWN_FROM, 0.5, 0.6):
                if score >= low:
                    bands.setdefault(f"from {low}", []).append(answer)
    return {name: rate(found) for name, found in sorted(bands.items())}


def _scored(entries: list[Entry], wanted: dict[str, Judged]) -> list[tuple[float, bool]]:
    index, found = SimilarTickets(), []
    for entry in entries:
        if one := wanted.get(entry.key):
            found += [(hit.score, one.related) for hit in index.find(entry, 1) if hit.key == one.found]
        index.add(entry)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the search for similar tickets against simple ones.")
    parser.add_argument("--data", type=Path, required=True, help="folder with gitbugs-hadoop/ and llm-app-issues/")
    folder = parser.parse_args().data
    parts = {
        "gitbugs-hadoop, all pairs": [hadoop(folder, "combined")],
        "gitbugs-hadoop, official test": [hadoop(folder, "test")],
        "llm-app-issues, named pairs": issues(folder),
    }
    found: dict[str, object] = {
        name: {one: recall.model_dump(mode="json") for one, recall in measure(corpora).items()}
        for name, corpora in parts.items()
    }
    found["precision of the best hit, judged"] = {
        name: one.model_dump(mode="json") for name, one in precision(folder).items()
    }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
