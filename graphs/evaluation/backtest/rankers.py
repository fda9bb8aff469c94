"""Who would have got the ticket: the product's ranking, and simple ones that it has to beat.

Owns the baselines. A ranker is given filed tickets only, and an outcome only once it is known.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from typing import Protocol

from graphs.evaluation.backtest.history import Filed, Outcome
from graphs.model import Millis
from graphs.ranking.history import Asked, History, Past
from graphs.ranking.rank import rank

MOST = 10
HALF_LIFE_DAYS = 60.0


class OwnerRanker(Protocol):
    """Ranks the people of a team's past for one project."""

    def rank(self, filed: Filed) -> tuple[str, ...]:
        """At most ten, best first; empty where it knows nobody."""
        ...

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        """What became of a ticket that was filed before."""
        ...


class Frequency:
    """Whoever was assigned most often so far."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()

    def rank(self, filed: Filed) -> tuple[str, ...]:
        del filed
        return tuple(sorted(self._times, key=lambda one: (-self._times[one], one))[:MOST])

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        del filed
        self._times.update(outcome.owners)


class Recency:
    """Whoever was assigned most lately: an assignment counts half after sixty days."""

    def __init__(self) -> None:
        self._weight: dict[str, float] = {}
        self._start: datetime | None = None

    def rank(self, filed: Filed) -> tuple[str, ...]:
        del filed
        return tuple(sorted(self._weight, key=lambda one: (-self._weight[one], one))[:MOST])

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        """Weights are kept as logarithms of a sum that grows with time, so that nothing has to be decayed."""
        self._start = self._start or filed.created_at
        days = (filed.created_at - self._start).total_seconds() / 86_400
        exponent = days / HALF_LIFE_DAYS * math.log(2)
        for owner in outcome.owners:
            known = self._weight.get(owner, -math.inf)
            high, low = max(known, exponent), min(known, exponent)
            self._weight[owner] = high + math.log1p(math.exp(low - high))


class OfTheProduct:
    """The product's own ranking, over the outcomes that were known so far."""

    def __init__(self) -> None:
        self._history = History()

    def rank(self, filed: Filed) -> tuple[str, ...]:
        return tuple(one.owner for one in rank(self._history, _asked(filed), MOST))

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        if outcome.owners:
            self._history.add(Past(ticket=_asked(filed), owners=outcome.owners))


def _asked(filed: Filed) -> Asked:
    return Asked(
        key=filed.id,
        project=filed.project,
        title=filed.title,
        body=filed.body,
        author=filed.author,
        at=Millis(int(filed.created_at.timestamp() * 1000)),
    )
