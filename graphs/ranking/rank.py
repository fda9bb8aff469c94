"""The ranking itself: a conditional logit over the features of `graphs.ranking.features`.

Owns the score of each candidate: the share of `exp(weights · features)` among all of them, so scores sum to 1. The
weights are the same for every project (McFadden's choice model, fitted by `graphs.ranking.fit`).
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from pydantic import BaseModel, ConfigDict

from graphs.model import Value
from graphs.ranking.features import NAMES, Floats, features
from graphs.ranking.history import Asked, History
from graphs.ranking.reasons import why


class Weights(BaseModel):
    """The shipped numbers: one for each feature."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    command: str
    """How they were made."""
    questions: int
    """How many past questions they were fitted to."""
    weights: dict[str, float]

    @property
    def vector(self) -> Floats:
        return np.array([self.weights[name] for name in NAMES])


class Ranked(Value):
    """A candidate: who, how likely (0..1), and why in plain sentences."""

    owner: str
    score: float
    why: tuple[str, ...]


@cache
def shipped() -> Weights:
    return Weights.model_validate_json((resources.files("graphs.ranking") / "weights.json").read_bytes())


def rank(history: History, asked: Asked, limit: int = 10) -> list[Ranked]:
    """The people of the history, the likeliest first; none where nothing earlier is known."""
    view = history.view(asked)
    if view is None:
        return []
    scores = shares(features(view) @ shipped().vector)
    order = np.argsort(-scores, kind="stable")[:limit]
    return [Ranked(owner=view.owners[at], score=round(float(scores[at]), 6), why=why(view, int(at))) for at in order]


def shares(utilities: Floats) -> Floats:
    grown = np.exp(utilities - utilities.max())
    return np.asarray(grown / grown.sum())
