"""What a model's word for its certainty is worth: a table at first, then what the team's decisions say.

Owns the formula: for each word p = (right + WEIGHT * p0) / (n + WEIGHT), the mean of a Beta distribution that starts at
the table's p0 with the weight of `WEIGHT` decisions. Below `LEAST` decided tickets the table stands as it is. Counts
are of one project, one model and one version of the prompts: with another of these everything begins anew. What is
learnt keeps the order of the words, so that a model that says "certain" is never worth less than when it says "likely".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from graphs.agent.answer import Sure
from graphs.model import Value

PRIOR: Mapping[Sure, float] = {Sure.CERTAIN: 0.9, Sure.LIKELY: 0.7, Sure.UNSURE: 0.45}
WEIGHT, LEAST, MOST = 20, 20, 500
"""Decisions that the table counts as; decided tickets before anything is learnt; the newest ones that are looked at."""


class Judged(Value):
    """How many of the answers with one word were decided, and how many of them were right about the layer."""

    right: int = 0
    of: int = 0


class Shares(Value):
    """What each word counts as, and from how many decided tickets that was learnt; 0: it is the table's."""

    of: dict[Sure, float]
    judged: dict[Sure, int]


class Decided(Protocol):
    """How answers were judged."""

    async def judged(self, place: str, model: str, prompts: str) -> Mapping[Sure, Judged]:
        """Of one project (`TicketRef.place`), one model and one version of the prompts."""
        ...


TABLE = Shares(of=dict(PRIOR), judged=dict.fromkeys(Sure, 0))


def learnt(judged: Mapping[Sure, Judged]) -> Shares:
    found, counts = {}, {}
    ceiling = 1.0
    for word in (Sure.CERTAIN, Sure.LIKELY, Sure.UNSURE):
        one, prior = judged.get(word, Judged()), PRIOR[word]
        enough = one.of >= LEAST
        share = (one.right + WEIGHT * prior) / (one.of + WEIGHT) if enough else prior
        ceiling = found[word] = min(share, ceiling)
        counts[word] = one.of if enough else 0
    return Shares(of=found, judged=counts)
