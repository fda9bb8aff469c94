"""The walk through a history: a ticket is asked about when it was filed, its outcome is learnt when it became known.

Owns the clock. At a ticket's moment only outcomes that became known strictly before it have been shown to anybody; its
own outcome, and those of tickets that were filed earlier but decided later, have not.
"""

from __future__ import annotations

import heapq
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from graphs.evaluation.answers import Answer, Engine, as_filed, of_analysis
from graphs.evaluation.backtest.history import Filed, Outcome, Past
from graphs.evaluation.backtest.rankers import OwnerRanker
from graphs.learning.engine import LocalEngine
from graphs.learning.online import MOST, Decided
from graphs.model import LayerId, SlackUserId, Value
from graphs.ports import Dossier


class Triager(Protocol):
    """An engine in time: it answers, and later it may learn from what people decided."""

    def answer(self, filed: Filed) -> Answer: ...

    def learn(self, filed: Filed, outcome: Outcome) -> None: ...


class NeverLearning:
    """An engine as it is shipped: it stays what it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, filed: Filed) -> Answer:
        return self._engine.answer(filed.title, filed.body)

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        """Nothing to do."""


class Learning:
    """The local engine as it is in a team: what approvers decided teaches it from the next ticket on.

    Whoever got a ticket counts as the one who decided it, so that the cap for each author holds here too.
    """

    def __init__(self, engine: LocalEngine, layers: tuple[LayerId, ...]) -> None:
        self._engine = engine
        self._layers = layers
        self._decided: list[Decided] = []

    def answer(self, filed: Filed) -> Answer:
        dossier = Dossier(ticket=as_filed(filed.title, filed.body, filed.id), layers=self._layers)
        started = time.thread_time()
        analysis = self._engine.analyse_now(dossier, self._decided)
        return of_analysis(analysis, (time.thread_time() - started) * 1000)

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        if outcome.layer is not None:
            by = SlackUserId(next(iter(outcome.owners), "somebody"))
            ticket = as_filed(filed.title, filed.body, filed.id)
            self._decided = [Decided(ticket=ticket, layer=outcome.layer, by=by), *self._decided[: MOST - 1]]


class Step(Value):
    """What was said about one ticket, and what could be known then."""

    past: Past
    answer: Answer
    known_before: int
    """Outcomes in this ticket's project that were known when it was filed."""
    owner_known: bool
    """Whether a right owner stood in one of them: else no ranking of the past could have hit."""
    rankings: dict[str, tuple[str, ...]]
    """Owners by the name of the ranker."""


def walk(
    past: Sequence[Past],
    triager: Triager,
    rankers: dict[str, Callable[[], OwnerRanker]],
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Step]:
    """One step for each ticket, in the order of filing. Each project has rankers of its own."""
    waiting: list[tuple[datetime, int]] = []
    known: defaultdict[str, int] = defaultdict(int)
    seen_owners: defaultdict[str, set[str]] = defaultdict(set)
    people: defaultdict[str, dict[str, OwnerRanker]] = defaultdict(
        lambda: {name: make() for name, make in rankers.items()}
    )
    ordered = sorted(past, key=lambda one: (one.filed.created_at, one.filed.id))
    for at, one in enumerate(ordered):
        filed = one.filed
        while waiting and waiting[0][0] < filed.created_at:
            _, earlier = heapq.heappop(waiting)
            old = ordered[earlier]
            known[old.filed.project] += 1
            seen_owners[old.filed.project] |= {*old.outcome.owners}
            triager.learn(old.filed, old.outcome)
            for ranker in people[old.filed.project].values():
                ranker.learn(old.filed, old.outcome)
        yield Step(
            past=one,
            answer=triager.answer(filed),
            known_before=known[filed.project],
            owner_known=not seen_owners[filed.project].isdisjoint(one.outcome.owners),
            rankings={name: ranker.rank(filed) for name, ranker in people[filed.project].items()},
        )
        if one.known_at is not None:
            heapq.heappush(waiting, (one.known_at, at))
        progress(at + 1)
