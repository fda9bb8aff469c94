"""A measured share with its uncertainty: what every measuring command prints."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.model import Value


class Rate(Value):
    """`hits` of `of`, with the 95 % Wilson score interval (Wilson 1927)."""

    hits: int
    of: int
    share: float
    low: float
    high: float


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share (E. B. Wilson, JASA 22, 1927). Raises `ValueError` for a share of nothing."""
    from scipy.stats import binomtest

    interval = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def rate(outcomes: Sequence[bool]) -> Rate:
    """Raises `ValueError` for no outcomes: there is no share of nothing."""
    hits, size = sum(outcomes), len(outcomes)
    low, high = wilson(hits, size)
    return Rate(hits=hits, of=size, share=round(hits / size, 4), low=round(low, 4), high=round(high, 4))


def paired_p(ours: Sequence[bool], theirs: Sequence[bool]) -> float:
    """Exact McNemar test on the same questions: how likely so one-sided a difference is by chance alone."""
    from scipy.stats import binomtest

    won = sum(one and not other for one, other in zip(ours, theirs, strict=True))
    lost = sum(other and not one for one, other in zip(ours, theirs, strict=True))
    return round(float(binomtest(won, won + lost).pvalue), 6) if won + lost else 1.0
