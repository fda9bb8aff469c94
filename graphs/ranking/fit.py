"""Fits the weights: `python -m graphs.ranking.fit --data DIR` writes `weights.json` anew.

Owns the time-ordered validation within the histories; what the protocol asks (the last 30 %) is never seen here. Each
history is cut at several points, the part before is history, a part after is asked; one set of weights for all
projects. The printed figures leave one project out at a time.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from graphs.model import Value
from graphs.ranking.corpus import HISTORY_SHARE, projects
from graphs.ranking.features import NAMES, Floats, features
from graphs.ranking.history import Bools, History, Past
from graphs.ranking.rank import Weights

CUTS = (0.4, 0.5, 0.6, 0.7, 0.8)
LEAST_HISTORY = 10
PENALTY = 20.0
"""L2 on standardised weights; 5 and 20 were tried and differ by less than their noise."""
NAME = "owners-1"
COMMAND = "python -m graphs.ranking.fit --data DIR"


@dataclass(frozen=True, slots=True)
class Question:
    """The candidates' features and which of them really took the ticket."""

    project: str
    features: Floats
    took: Bools


class Validation(Value):
    """Shares of questions whose real owner was among the first k, each project asked with weights of the others."""

    questions: int
    top1: float
    top3: float
    top5: float


def questions(name: str, history: list[Past]) -> list[Question]:
    """What a history can ask of itself, by time."""
    found = []
    for cut in CUTS:
        size = int(len(history) * cut)
        if size < LEAST_HISTORY:
            continue
        known = History()
        for one in history[:size]:
            known.add(one)
        for one in history[size : int(size / HISTORY_SHARE) + 1]:
            if view := known.view(one.ticket):
                took = np.array([owner in one.owners for owner in view.owners])
                found.append(Question(project=name, features=features(view), took=took))
    return found


def fit(asked: list[Question], penalty: float = PENALTY) -> Floats:
    """Maximum likelihood of a conditional logit, where any of the real owners counts, with an L2 penalty."""
    usable = [one for one in asked if one.took.any()]
    scale = np.concatenate([one.features - one.features.mean(axis=0) for one in usable]).std(axis=0) + 1e-9
    rows = np.concatenate([one.features for one in usable]) / scale
    took = np.concatenate([one.took for one in usable]).astype(np.float64)
    sizes = [len(one.took) for one in usable]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    group = np.repeat(np.arange(len(sizes)), sizes)

    def loss(weights: Floats) -> tuple[float, Floats]:
        utilities = rows @ weights
        grown = np.exp(utilities - np.maximum.reduceat(utilities, starts)[group])
        everybody, right = np.add.reduceat(grown, starts), np.add.reduceat(grown * took, starts)
        slope = rows.T @ (grown / everybody[group] - grown * took / right[group])
        value = float(np.log(everybody).sum() - np.log(right).sum() + penalty * weights @ weights)
        return value, slope + 2 * penalty * weights

    found = minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale, dtype=np.float64)


def validate(asked: list[Question]) -> Validation:
    """Leaves one project out at a time."""
    hits = []
    for name in sorted({one.project for one in asked}):
        weights = fit([one for one in asked if one.project != name])
        for one in (each for each in asked if each.project == name):
            order = np.argsort(-(one.features @ weights), kind="stable")
            hits.append([bool(one.took[order[:size]].any()) for size in (1, 3, 5)])
    top = np.mean(np.array(hits, dtype=np.float64), axis=0)
    top1, top3, top5 = (round(float(one), 4) for one in top)
    return Validation(questions=len(hits), top1=top1, top3=top3, top5=top5)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fits the weights of the owner ranking; the last 30 % stay unseen.")
    parser.add_argument("--data", type=Path, required=True, help="folder with llm-app-issues/issues.jsonl.gz")
    found = [one for each in projects(parser.parse_args().data) for one in questions(each.name, each.history)]
    weights = {name: round(float(value), 3) for name, value in zip(NAMES, fit(found), strict=True)}
    whole = Weights(name=NAME, command=COMMAND, questions=len(found), weights=weights)
    (Path(__file__).parent / "weights.json").write_text(whole.model_dump_json(indent=2) + "\n", "utf-8")
    sys.stdout.write(validate(found).model_dump_json(indent=2) + "\n")


if __name__ == "__main__":
    main()
