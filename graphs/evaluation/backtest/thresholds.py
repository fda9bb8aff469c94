"""From which confidence on may a layer's tickets be proposed for automatic handling?

Owns the proposal and its test. A threshold is chosen on the earlier part of the history and confirmed on the later
one, because a threshold is always flattered by the tickets it was chosen on.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from graphs.evaluation.coverage import SMALLEST, TARGET, CoveragePoint, best_point
from graphs.evaluation.intervals import Figure, share
from graphs.model import LayerId, Value

EARLIER = 0.6
"""The share of the history that thresholds are chosen on."""


class Standing(StrEnum):
    CONFIRMED = "confirmed"
    """Later tickets alone have a lower bound of at least the target."""
    LIKELY = "likely"
    """Later tickets reach the target, too few to bound it."""
    REFUTED = "refuted"
    """Later tickets fall short of it: do not use this threshold."""
    UNTESTED = "untested"
    """No later ticket was as sure."""
    NONE = "none"
    """No threshold reaches the target, or there are too few tickets: always ask."""


class Threshold(Value):
    layer: LayerId
    tickets: int
    """Tickets that were guessed to be of this layer and whose true layer is known."""
    standing: Standing
    threshold: float | None
    chosen_on: CoveragePoint | None
    """Precision and coverage among the earlier tickets guessed to be of this layer."""
    later_precision: Figure | None
    later_coverage: Figure | None
    """Of later tickets guessed to be of this layer, how many are as sure."""

    @property
    def usable(self) -> bool:
        return self.standing in (Standing.CONFIRMED, Standing.LIKELY)


class Judged(Value):
    """One guess with its truth, in time order among others. `confidence` is 0 where the engine abstains."""

    guess: LayerId
    confidence: float
    right: bool


def thresholds(judged: Sequence[Judged], layers: Sequence[LayerId], target: float = TARGET) -> tuple[Threshold, ...]:
    """One for each layer; `judged` in time order."""
    cut = int(len(judged) * EARLIER)
    return tuple(
        _one(
            layer,
            [one for one in judged[:cut] if one.guess == layer],
            [one for one in judged[cut:] if one.guess == layer],
            target,
        )
        for layer in layers
    )


def _one(layer: LayerId, earlier: Sequence[Judged], later: Sequence[Judged], target: float) -> Threshold:
    point = best_point(
        np.array([one.confidence for one in earlier]), np.array([one.right for one in earlier], dtype=np.bool_), target
    )
    # The point's threshold is rounded; the comparison must not lose the ticket that it was taken from.
    sure = [one for one in later if point is not None and one.confidence >= point.threshold - 5e-5]
    precision = share(sum(one.right for one in sure), len(sure))
    return Threshold(
        layer=layer,
        tickets=len(earlier) + len(later),
        standing=_standing(point, precision, target),
        threshold=point.threshold if point else None,
        chosen_on=point,
        later_precision=precision,
        later_coverage=share(len(sure), len(later)) if point else None,
    )


def _standing(point: CoveragePoint | None, later: Figure | None, target: float) -> Standing:
    if point is None:
        return Standing.NONE
    if later is None or later.low is None:
        return Standing.UNTESTED
    if later.low >= target:
        return Standing.CONFIRMED
    return Standing.LIKELY if later.value >= target else Standing.REFUTED


__all__ = ["EARLIER", "SMALLEST", "Judged", "Standing", "Threshold", "thresholds"]
