"""How much could be trusted: precision against coverage, thresholds, and sets of layers.

Owns selective prediction. A ticket on which the engine abstains has confidence 0 here: it is trusted last.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphs.evaluation.calibration import Booleans
from graphs.evaluation.intervals import Doubles, Figure, Integers, mean, share
from graphs.model import Value

POINTS = 20
TARGET = 0.9
"""The lower bound of precision from which tickets may be proposed for automatic handling."""
SMALLEST = 20
"""Fewer trusted tickets than this bear no threshold."""


class CoveragePoint(Value):
    """The surest tickets down to a threshold."""

    coverage: float
    threshold: float
    """The lowest confidence among them."""
    precision: Figure


class CoverageCurve(Value):
    n: int
    points: tuple[CoveragePoint, ...]
    area: float
    """Mean of precision over all coverages: 1 is perfect, the accuracy is what guessing the order gets."""
    best: CoveragePoint | None
    """The largest coverage whose precision has a lower bound of at least the target; chosen on these very tickets, so
    it is a hope until later tickets confirm it."""
    target: float


class SetFigures(Value):
    """Sets of layers that are to hold the right one."""

    n: int
    coverage: Figure | None
    """How often the right layer is in the set."""
    mean_size: Figure | None
    sizes: dict[int, int]
    by_class: dict[str, Figure]
    """Coverage of tickets that truly are of a layer."""


def curve(confidence: Doubles, right: Booleans, target: float = TARGET, points: int = POINTS) -> CoverageCurve | None:
    """None without a ticket. Ties of confidence stay together: a threshold cannot split them."""
    n = len(right)
    if n == 0:
        return None
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(right[order], dtype=np.int64)
    ends = _ends(sure)
    found = [_point(sure, hits, at, n) for at in _spread(ends, points)]
    return CoverageCurve(
        n=n,
        points=tuple(found),
        area=round(float((hits / np.arange(1, n + 1)).mean()), 4),
        best=best_point(confidence, right, target),
        target=target,
    )


def best_point(confidence: Doubles, right: Booleans, target: float = TARGET) -> CoveragePoint | None:
    """The lowest threshold whose precision has a lower bound of at least `target`, over at least `SMALLEST` tickets."""
    n = len(right)
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(right[order], dtype=np.int64)
    for at in reversed(_ends(sure)):
        # Wilson's lower bound is below the share itself: most candidates need no closer look.
        if at + 1 < SMALLEST or hits[at] / (at + 1) < target or sure[at] <= 0:
            continue
        point = _point(sure, hits, at, n)
        if point.precision.low is not None and point.precision.low >= target:
            return point
    return None


def layer_sets(sets: Sequence[frozenset[str]], truth: Sequence[str]) -> SetFigures:
    held = [one in chosen for one, chosen in zip(truth, sets, strict=True)]
    sizes = [len(one) for one in sets]
    by_class = {
        name: share(sum(hit for hit, one in zip(held, truth, strict=True) if one == name), truth.count(name))
        for name in sorted(set(truth))
    }
    return SetFigures(
        n=len(held),
        coverage=share(sum(held), len(held)),
        mean_size=mean(np.array(sizes, dtype=np.float64)),
        sizes={size: sizes.count(size) for size in sorted(set(sizes))},
        by_class={name: figure for name, figure in by_class.items() if figure is not None},
    )


def _ends(sure: Doubles) -> list[int]:
    """The last ticket of each confidence, surest first."""
    if not len(sure):
        return []
    return [int(at) for at in np.flatnonzero(np.append(sure[:-1] > sure[1:], [True]))]


def _point(sure: Doubles, hits: Integers, at: int, n: int) -> CoveragePoint:
    precision = share(int(hits[at]), at + 1)
    assert precision is not None, "there is at least one ticket up to here"
    return CoveragePoint(coverage=round((at + 1) / n, 4), threshold=round(float(sure[at]), 4), precision=precision)


def _spread(ends: list[int], points: int) -> list[int]:
    """At most `points` of the possible ends, evenly spread over the coverage, the last one among them."""
    wanted = np.linspace(0, ends[-1], points + 1)[1:]
    return sorted({ends[int(np.searchsorted(ends, one))] for one in wanted})
