"""Owners on real histories: the first 70 % of each project's time are history, the rest is asked.

Owns the comparison with simple rankings. The protocol is that of `graphs.ranking.corpus`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.intervals import share
from graphs.evaluation.proof.tables import Line, Table, Test
from graphs.evaluation.ranking import ranked
from graphs.ranking.corpus import Project, projects
from graphs.ranking.history import Asked, History
from graphs.ranking.rank import rank

DECAY_DAYS = 60.0
DAY_MS = 86_400_000
COLD = 20
AT = (1, 3, 5)
Ranker = Callable[[Project], Sequence[Sequence[str]]]


def owners(folder: Path) -> Table:
    """Raises `graphs.errors.StrataError` where the folder holds no issues."""
    found = projects(folder)
    truths = [set(one.owners) for project in found for one in project.asked]
    answers = {name: [guess for project in found for guess in ranker(project)] for name, ranker in RANKERS.items()}
    known = [
        bool({owner for one in project.history for owner in one.owners} & set(asked.owners))
        for project in found
        for asked in project.asked
    ]
    lines = []
    for name, guesses in answers.items():
        ranking = ranked(guesses, truths, AT)
        assert ranking is not None, "there are questions"
        kind = "ours" if name == OURS else "baseline"
        lines += [
            Line(what=f"{name}: right owner {_among(k)}", figure=one, kind=kind) for k, one in ranking.hits.items()
        ]
    hits = {
        name: [bool(set(guess[:1]) & truth) for guess, truth in zip(guesses, truths, strict=True)]
        for name, guesses in answers.items()
    }
    tests = [
        Test(what=f"First owner, {OURS} against {name}", mcnemar=mcnemar(hits[name], hits[OURS]))
        for name in answers
        if name != OURS
    ]
    return Table(
        key="owners",
        title="Owners, by history alone",
        about=(
            (
                f"{len(found)} projects with at least 40 owned tickets and 3 owners; the first 70 % by time are history"
                " and the rest is asked; a hit is any of the real assignees. No labels are looked at, later answers are"
                " not learnt."
            ),
            "These projects have no owners policy, so this is history alone; weights were fitted within the histories.",
        ),
        source="public GitHub issues of the research dataset Niruthiha/labelled_data_only (`DIR/data/llm-app-issues`)",
        lines=(
            *lines,
            Line(
                what="a right owner occurs in the history: the ceiling",
                figure=share(sum(known), len(known)),
                kind="baseline",
            ),
        ),
        tests=tuple(tests),
    )


def _among(k: int) -> str:
    return "first" if k == 1 else f"among {k}"


def _ours(project: Project) -> list[list[str]]:
    history = History()
    for one in project.history:
        history.add(one)
    return [[each.owner for each in rank(history, one.ticket)] for one in project.asked]


def _frequency(project: Project) -> list[list[str]]:
    times = Counter(owner for one in project.history for owner in one.owners)
    order = sorted(times, key=lambda owner: (-times[owner], owner))
    return [order] * len(project.asked)


def _recency(project: Project) -> list[list[str]]:
    """An assignment's weight falls by e in sixty days; nothing is learnt after the history's end."""

    def order(asked: Asked) -> list[str]:
        weight: Counter[str] = Counter()
        for one in project.history:
            days = (asked.at - one.ticket.at) / DAY_MS
            for owner in one.owners:
                weight[owner] += math.exp(-days / DECAY_DAYS)  # type: ignore[assignment]  # a counter of weights
        return sorted(weight, key=lambda owner: (-weight[owner], owner))

    return [order(one.ticket) for one in project.asked]


def _tfidf(project: Project) -> list[list[str]]:
    """Words and logistic regression over the first assignee."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = [f"{one.ticket.title}\n{one.ticket.body}" for one in project.history]
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=2), LogisticRegression(C=10, max_iter=1000))
    model.fit(texts, [one.owners[0] for one in project.history])
    found = model.predict_proba([f"{one.ticket.title}\n{one.ticket.body}" for one in project.asked])
    return [[str(model.classes_[at]) for at in np.argsort(-row, kind="stable")] for row in found]


OURS = "strata"
RANKERS: dict[str, Ranker] = {
    OURS: _ours,
    "60-day recency": _recency,
    "frequency": _frequency,
    "TF-IDF": _tfidf,
}
