"""Measures the owner ranking: `python -m graphs.ranking.measure --data DIR` prints JSON.

Owns the protocol of `graphs.ranking.corpus`: the last 30 % of each project is asked with the first 70 % as history. A
hit is any of the real owners among the first k. The weights were fitted within the histories only.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from graphs.model import Value
from graphs.ranking.corpus import Project, projects
from graphs.ranking.features import NAMES, features
from graphs.ranking.history import Asked, History, Past
from graphs.ranking.rank import rank, shares, shipped
from graphs.rates import Rate, paired_p, rate

DEPTHS = (1, 3, 5)
HALF_LIFE_DAYS = 60.0
MOST_LIKELY_BINS = 10
Ranker = Callable[[Asked], list[str]]


class Measured(Value):
    """Rates at each depth over all questions, and the exact test against text with recency at 1 and 3."""

    at: dict[int, Rate]
    p_against_text_with_recency: dict[int, float] | None = None


class Report(Value):
    questions: int
    projects: dict[str, Rate]
    """Top 1 by project."""
    rankers: dict[str, Measured]
    ceiling: Rate
    """A real owner was seen in the history at all."""
    calibration_error: float
    """Mean difference between the first one's score and its hits, over ten bins of the score."""


def rankers(project: Project) -> dict[str, Ranker]:
    """Ours, the baselines, and ours without each family of features."""
    history = History()
    for one in project.history:
        history.add(one)
    latest = list(dict.fromkeys(owner for one in reversed(project.history) for owner in one.owners))
    frequency = [owner for owner, _ in Counter(owner for one in project.history for owner in one.owners).most_common()]
    found: dict[str, Ranker] = {
        "frequency": lambda _: frequency,
        "latest": lambda _: latest,
        "recency": lambda asked: _recent(project.history, asked),
        "tfidf": lambda asked: _by_text(history, asked, decayed=False),
        "text_with_recency": lambda asked: _by_text(history, asked, decayed=True),
        "strata": lambda asked: [one.owner for one in rank(history, asked)],
    }
    families = {"text": ("text",), "recency": ("recent",), "reporter": ("self", "self_known", "reporter")}
    for name, dropped in families.items():
        found[f"strata_without_{name}"] = lambda asked, dropped=dropped: _without(history, asked, dropped)  # type: ignore[misc]
    return found


def measure(found: Sequence[Project]) -> Report:
    """Asks every question of every ranker."""
    asked = [one for project in found for one in project.asked]
    answers: dict[str, list[list[str]]] = {}
    ours: dict[str, Rate] = {}
    ceiling: list[bool] = []
    scores: list[float] = []
    for project in found:
        known = {owner for one in project.history for owner in one.owners}
        ceiling += [bool(known & set(one.owners)) for one in project.asked]
        for name, ranker in rankers(project).items():
            answers.setdefault(name, []).extend(ranker(one.ticket) for one in project.asked)
        hits = _hits(answers["strata"][-len(project.asked) :], project.asked, 1)
        ours[project.name] = rate(hits)
        scores += _first_scores(project)
    baseline = {depth: _hits(answers["text_with_recency"], asked, depth) for depth in (1, 3)}
    return Report(
        questions=len(asked),
        projects=ours,
        rankers={name: _measured(name, one, asked, baseline) for name, one in answers.items()},
        ceiling=rate(ceiling),
        calibration_error=_calibration_error(scores, _hits(answers["strata"], asked, 1)),
    )


def _measured(name: str, answers: list[list[str]], asked: list[Past], baseline: dict[int, list[bool]]) -> Measured:
    hits = {depth: _hits(answers, asked, depth) for depth in DEPTHS}
    against = {depth: paired_p(hits[depth], theirs) for depth, theirs in baseline.items()}
    return Measured(
        at={depth: rate(one) for depth, one in hits.items()},
        p_against_text_with_recency=against if name.startswith("strata") else None,
    )


def _hits(answers: Sequence[Sequence[str]], asked: Sequence[Past], depth: int) -> list[bool]:
    return [bool(set(one[:depth]) & set(past.owners)) for one, past in zip(answers, asked, strict=True)]


def _recent(history: Sequence[Past], asked: Asked) -> list[str]:
    counts: Counter[str] = Counter()
    for one in history:
        weight = 0.5 ** ((asked.at - one.ticket.at) / 86_400_000 / HALF_LIFE_DAYS)
        counts.update(dict.fromkeys(one.owners, weight))
    return [owner for owner, _ in counts.most_common()]


def _by_text(history: History, asked: Asked, *, decayed: bool) -> list[str]:
    view = history.view(asked)
    if view is None:
        return []
    weight = view.alike * np.exp2(-view.age / HALF_LIFE_DAYS) if decayed else view.alike
    return [view.owners[at] for at in np.argsort(-view.summed(weight), kind="stable")]


def _without(history: History, asked: Asked, dropped: tuple[str, ...]) -> list[str]:
    view = history.view(asked)
    if view is None:
        return []
    weights = np.array([0.0 if name in dropped else shipped().weights[name] for name in NAMES])
    return [view.owners[at] for at in np.argsort(-(features(view) @ weights), kind="stable")]


def _first_scores(project: Project) -> list[float]:
    history = History()
    for one in project.history:
        history.add(one)
    views = [history.view(one.ticket) for one in project.asked]
    return [float(shares(features(view) @ shipped().vector).max()) if view else 0.0 for view in views]


def _calibration_error(scores: Sequence[float], hits: Sequence[bool]) -> float:
    score, hit = np.array(scores), np.array(hits, dtype=np.float64)
    bins = np.minimum((score * MOST_LIKELY_BINS).astype(np.int64), MOST_LIKELY_BINS - 1)
    gaps = [abs(float((score[bins == one] - hit[bins == one]).sum())) for one in range(MOST_LIKELY_BINS)]
    return round(sum(gaps) / len(hits), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the owner ranking against simple ones.")
    parser.add_argument("--data", type=Path, required=True, help="folder with llm-app-issues/issues.jsonl.gz")
    sys.stdout.write(measure(projects(parser.parse_args().data)).model_dump_json(indent=2) + "\n")


if __name__ == "__main__":
    main()
