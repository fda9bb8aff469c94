"""How figures are summed up: percentiles within a run; median, lowest and highest over the runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

from graphs.errors import StrataError
from graphs.model import Value


class BenchFailed(StrataError):
    """What was to be counted was not done, so there is no figure to give."""


class Spread(Value):
    """One figure over all runs."""

    median: float
    min: float
    max: float
    runs: int


def spread(values: Sequence[float]) -> Spread:
    rounded = [rounded_to(value) for value in values]
    return Spread(median=rounded_to(statistics.median(rounded)), min=min(rounded), max=max(rounded), runs=len(rounded))


def rounded_to(value: float, digits: int = 4) -> float:
    """Four digits say more than any of these measurements can."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest value of the sorted ones: never a number that was not measured."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spreads(runs: Iterable[Mapping[str, float]]) -> dict[str, Spread]:
    """Each figure of some runs of the same measurement, by name."""
    told: dict[str, list[float]] = {}
    for run in runs:
        for name, value in run.items():
            told.setdefault(name, []).append(value)
    return {name: spread(values) for name, values in told.items()}


def over_runs(runs: Iterable[Value]) -> dict[str, Spread]:
    """The same for values; what a run could not tell is left out."""
    return spreads({name: float(value) for name, value in run if isinstance(value, int | float)} for run in runs)
