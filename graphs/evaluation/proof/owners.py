"""Owners on real histories: the first 70 % of each project's time are history, the rest is asked.

Owns the table. Protocol, rankings and ablations are those of `graphs.ranking`; a text classifier is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.intervals import share
from graphs.evaluation.proof.tables import Kind, Line, Table, Test
from graphs.evaluation.ranking import ranked
from graphs.ranking.corpus import Project, projects
from graphs.ranking.history import Asked
from graphs.ranking.measure import rankers

OURS = "strata"
AT = (1, 3, 5)
BASELINES = {
    "text_with_recency": "text with recency",
    "tfidf": "TF-IDF, nearest tickets",
    "classifier": "TF-IDF, logistic regression",
    "recency": "recency, half-life 60 days",
    "latest": "latest owners",
    "frequency": "frequency",
}
ABLATIONS = {f"{OURS}_without_{one}": f"without {one}" for one in ("text", "recency", "reporter")}


def owners(folder: Path) -> Table:
    """Raises `graphs.errors.StrataError` where the folder holds no issues."""
    found = projects(folder)
    asked = [one for project in found for one in project.asked]
    truths = [set(one.owners) for one in asked]
    answers = _answers(found)
    known = [_known(project) for project in found]
    reachable = [
        bool(seen & set(one.owners)) for seen, project in zip(known, found, strict=True) for one in project.asked
    ]
    first = {name: _first(guesses, truths) for name, guesses in answers.items()}
    lines = _lines(OURS, answers[OURS], truths, "ours")
    for name, words in ABLATIONS.items():
        lines += _lines(words, answers[name], truths, "part")[:2]
    for name, words in BASELINES.items():
        lines += _lines(words, answers[name], truths, "baseline")
    ceiling = share(sum(reachable), len(reachable))
    lines.append(Line(what="a right owner occurs in the history: the ceiling", figure=ceiling, kind="baseline"))
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
        lines=tuple(lines),
        tests=tuple(
            Test(what=f"First owner, {OURS} against {words}", mcnemar=mcnemar(first[name], first[OURS]))
            for name, words in BASELINES.items()
        ),
    )


def _answers(found: Sequence[Project]) -> dict[str, list[list[str]]]:
    answers: defaultdict[str, list[list[str]]] = defaultdict(list)
    for project in found:
        for name, ranker in rankers(project).items():
            answers[name] += [ranker(one.ticket) for one in project.asked]
        answers["classifier"] += _classified(project)
    return answers


def _lines(words: str, guesses: Sequence[Sequence[str]], truths: Sequence[set[str]], kind: Kind) -> list[Line]:
    ranking = ranked(guesses, truths, AT)
    assert ranking is not None, "there are questions"
    return [Line(what=f"{words}: right owner {_among(k)}", figure=one, kind=kind) for k, one in ranking.hits.items()]


def _known(project: Project) -> set[str]:
    return {owner for one in project.history for owner in one.owners}


def _first(guesses: Sequence[Sequence[str]], truths: Sequence[set[str]]) -> list[bool]:
    return [bool(set(guess[:1]) & truth) for guess, truth in zip(guesses, truths, strict=True)]


def _among(k: int) -> str:
    return "first" if k == 1 else f"among {k}"


def _classified(project: Project) -> list[list[str]]:
    """Words and logistic regression over the first assignee; no label, no time, no reporter."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=2), LogisticRegression(C=10, max_iter=1000))
    model.fit([_text(one.ticket) for one in project.history], [one.owners[0] for one in project.history])
    found = model.predict_proba([_text(one.ticket) for one in project.asked])
    return [[str(model.classes_[at]) for at in np.argsort(-row, kind="stable")] for row in found]


def _text(asked: Asked) -> str:
    return f"{asked.title}\n{asked.body}"
