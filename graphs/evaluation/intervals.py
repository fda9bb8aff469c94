"""Figures with their intervals.

Owns the two ways of getting one: Wilson's score interval for a share of independent yes-or-no answers, and the
percentile bootstrap for everything else. All intervals cover 95 %; every random draw starts from `SEED`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graphs.model import Value
from graphs.rates import wilson

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

LEVEL = 0.95
SEED = 20_261_123
RESAMPLES = 2_000
DIGITS = 4


class Figure(Value):
    """One measured number. `low` and `high` bound it with 95 % confidence; None where nothing can be said."""

    value: float
    low: float | None
    high: float | None
    n: int
    """How many tickets stand behind it."""
    method: Literal["wilson", "bootstrap", "exact", "none"]

    def text(self) -> str:
        """For people: `0.812 [0.771, 0.848], n = 302`."""
        if self.low is None or self.high is None:
            return f"{self.value:.3f}, n = {self.n}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}], n = {self.n}"


def share(hits: int, n: int) -> Figure | None:
    """A share of independent answers with Wilson's score interval; None of nothing."""
    if n == 0:
        return None
    low, high = wilson(hits, n)
    return Figure(value=_round(hits / n), low=_round(low), high=_round(high), n=n, method="wilson")


def resampled(statistic: Callable[[Integers], float], n: int, *, resamples: int = RESAMPLES) -> Figure | None:
    """`statistic` of all `n` rows, and its percentile bootstrap interval (Efron, Ann. Statist. 7, 1979).

    `statistic` is given the chosen row numbers, some of them more than once.
    """
    if n == 0:
        return None
    draws = np.random.default_rng(SEED)
    values = np.array([statistic(draws.integers(0, n, n)) for _ in range(resamples)])
    return bounded(statistic(np.arange(n)), values, n)


def bounded(value: float, replicates: Doubles, n: int) -> Figure:
    """The figure with the middle 95 % of its replicates."""
    low, high = np.quantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Figure(value=_round(value), low=_round(float(low)), high=_round(float(high)), n=n, method="bootstrap")


def mean(values: Doubles, *, resamples: int = RESAMPLES) -> Figure | None:
    """A mean with its bootstrap interval."""
    n = len(values)
    if n == 0:
        return None
    draws = np.random.default_rng(SEED)
    means = np.array([float(values[draws.integers(0, n, n)].mean()) for _ in range(resamples)])
    return bounded(float(values.mean()), means, n)


def bare(value: float, n: int) -> Figure:
    """A number that is known, not estimated."""
    return Figure(value=_round(value), low=None, high=None, n=n, method="none")


def _round(value: float) -> float:
    return round(float(value), DIGITS)
