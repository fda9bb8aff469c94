"""How much work would reach people in a week?

Owns the counting by calendar weeks (Monday to Sunday, UTC). Weeks without a ticket count: they are part of the load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from graphs.evaluation.intervals import SEED, Figure, bounded
from graphs.model import LayerId, Value

RECENT_WEEKS = 12
_WEEK = timedelta(days=7)


class Load(Value):
    """Cards a week. Every ticket is one card."""

    weeks: int
    """Whole weeks between the first and the last ticket."""
    median: Figure
    p90: float
    busiest: int
    recent_median: float
    """Of the last twelve weeks: what to expect next."""
    recent_weeks: int
    first_week: datetime
    per_week: tuple[int, ...]
    by_layer: dict[LayerId, float]
    """Mean cards a week in the recent weeks, by proposed layer."""
    unsure_share: float
    """Share of the recent cards on which the engine abstains or is less than half sure."""
    sure_share: float | None
    """Share of the recent cards over a usable threshold; None where there is no usable one."""
    by_owner: dict[str, float]
    """Mean cards a week in the recent weeks for whoever is ranked first, the most loaded first; at most ten."""


class Card(Value):
    """One ticket as a card would show it."""

    at: datetime
    layer: LayerId
    unsure: bool
    sure: bool
    owner: str | None


def load(cards: Sequence[Card], *, any_threshold: bool) -> Load | None:
    """None of nothing."""
    if not cards:
        return None
    monday = [_monday(one.at) for one in cards]
    first, last = min(monday), max(monday)
    weeks = int((last - first) / _WEEK) + 1
    counted = Counter(int((one - first) / _WEEK) for one in monday)
    counts = np.array([counted[week] for week in range(weeks)], dtype=np.float64)
    span = min(RECENT_WEEKS, weeks)
    recent = [one for one, day in zip(cards, monday, strict=True) if int((day - first) / _WEEK) >= weeks - span]
    owners = Counter(one.owner for one in recent if one.owner is not None)
    return Load(
        weeks=weeks,
        median=_median(counts),
        p90=round(float(np.quantile(counts, 0.9)), 1),
        busiest=int(counts.max()),
        recent_median=float(np.median(counts[-span:])),
        recent_weeks=span,
        first_week=first,
        per_week=tuple(int(one) for one in counts),
        by_layer={layer: round(n / span, 2) for layer, n in Counter(one.layer for one in recent).most_common()},
        unsure_share=round(sum(one.unsure for one in recent) / max(1, len(recent)), 4),
        sure_share=round(sum(one.sure for one in recent) / max(1, len(recent)), 4) if any_threshold else None,
        by_owner={owner: round(n / span, 2) for owner, n in owners.most_common(10)},
    )


def _monday(moment: datetime) -> datetime:
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _median(counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Figure:
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (500, len(counts)))
    return bounded(float(np.median(counts)), np.median(counts[drawn], axis=1), len(counts))
