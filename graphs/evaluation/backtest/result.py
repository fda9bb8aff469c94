"""A backtest as a value.

Owns which figures are told of a walk. Holds ids, labels, logins and numbers, and no text of a ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from graphs.evaluation.backtest.history import History, Past
from graphs.evaluation.backtest.load import Card, Load, load
from graphs.evaluation.backtest.rankers import Frequency, OwnerRanker, Recency
from graphs.evaluation.backtest.thresholds import Judged, Threshold, thresholds
from graphs.evaluation.backtest.walk import Step, Triager, walk
from graphs.evaluation.cases import Case
from graphs.evaluation.coverage import TARGET
from graphs.evaluation.intervals import Figure, share
from graphs.evaluation.ranking import Ranking, ranked
from graphs.evaluation.report import Report, measured
from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.model import LayerId, Value

COLD = 20
"""A team's first tickets: what is said with next to no past."""
UNSURE = 0.5
AT = (1, 3, 5)
BASELINES: dict[str, Callable[[], OwnerRanker]] = {"recency": Recency, "frequency": Frequency}


class OwnerHits(Value):
    """Owners over all tickets that somebody got, in the order of filing."""

    by_ranker: dict[str, Ranking]
    cold: dict[str, Ranking]
    """The same for tickets filed while fewer than 20 outcomes were known in their project."""
    reachable: Figure
    """Share of tickets of which a right owner was known from an earlier ticket: the ceiling of any ranking."""


class Backtest(Value):
    title: str
    first: datetime
    last: datetime
    projects: int
    undecided: int
    """Tickets that are still open and undecided: they are counted as load and judge nothing."""
    as_filed: int
    """Tickets whose text is known to be the one that was filed; of the others today's text was read."""
    report: Report
    thresholds: tuple[Threshold, ...]
    target: float
    owners: OwnerHits | None
    load: Load | None
    cost_per_ticket: float
    """Dollars, as the engine tells them."""


def backtest(
    title: str,
    history: History,
    triager: Triager,
    *,
    rankers: dict[str, Callable[[], OwnerRanker]] | None = None,
    layers: tuple[LayerId, ...] = DEFAULT_LAYERS,
    target: float = TARGET,
    progress: Callable[[int], None] = lambda _: None,
) -> Backtest:
    """Walks the history once. The first of `rankers` is the one that cards would show."""
    chosen = {**(rankers or {}), **BASELINES}
    steps = list(walk(history.past, triager, chosen, progress))
    main = next(iter(chosen))
    found = thresholds(_judged(steps), layers, target)
    report = measured(
        title,
        [_case(one.past) for one in steps],
        {one.past.filed.id: one.answer for one in steps},
        layers=layers,
        target=target,
    ).model_copy(update={"bad_lines": history.bad, "owners": None})
    return Backtest(
        title=title,
        first=steps[0].past.filed.created_at,
        last=steps[-1].past.filed.created_at,
        projects=len({one.past.filed.project for one in steps}),
        undecided=sum(one.past.known_at is None for one in steps),
        as_filed=sum(one.past.as_filed for one in steps),
        report=report,
        thresholds=found,
        target=target,
        owners=owner_hits(steps, list(chosen)),
        load=load(_cards(steps, found, main), any_threshold=any(one.usable for one in found)),
        cost_per_ticket=round(sum(one.answer.cost_usd for one in steps) / len(steps), 6),
    )


def _judged(steps: Sequence[Step]) -> list[Judged]:
    return [
        Judged(
            guess=one.answer.layer,
            confidence=one.answer.confidence if one.answer.known_ground else 0.0,
            right=one.answer.layer == one.past.outcome.layer,
        )
        for one in steps
        if one.past.outcome.layer is not None
    ]


def owner_hits(steps: Sequence[Step], names: Sequence[str]) -> OwnerHits | None:
    """None where no ticket was anybody's."""
    asked = [one for one in steps if one.past.outcome.owners]
    reachable = share(sum(one.owner_known for one in asked), len(asked))
    if reachable is None:
        return None
    cold = [one for one in asked if one.known_before < COLD]
    return OwnerHits(by_ranker=_rankings(asked, names), cold=_rankings(cold, names), reachable=reachable)


def _rankings(asked: Sequence[Step], names: Sequence[str]) -> dict[str, Ranking]:
    found = {
        name: ranked([one.rankings[name] for one in asked], [one.past.outcome.owners for one in asked], AT)
        for name in names
    }
    return {name: ranking for name, ranking in found.items() if ranking is not None}


def _cards(steps: Sequence[Step], found: Sequence[Threshold], main: str) -> list[Card]:
    usable = {one.layer: one.threshold for one in found if one.usable and one.threshold is not None}
    return [
        Card(
            at=one.past.filed.created_at,
            layer=one.answer.layer,
            unsure=not one.answer.known_ground or one.answer.confidence < UNSURE,
            sure=one.answer.known_ground and one.answer.confidence >= usable.get(one.answer.layer, 2.0),
            owner=next(iter(one.rankings[main]), None),
        )
        for one in steps
    ]


def _case(past: Past) -> Case:
    filed, outcome = past.filed, past.outcome
    return Case(
        id=filed.id,
        title=filed.title,
        body=filed.body,
        layer=outcome.layer,
        kind=outcome.kind,
        role=outcome.role,
        risk=outcome.risk,
        owner=outcome.owners,
        tracker=past.tracker,
        language=past.language,
        reporter=past.reporter,
    )
