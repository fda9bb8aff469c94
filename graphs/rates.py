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


def rate(outcomes: Sequence[bool]) -> Rate:
    """Raises `ValueError` for no outcomes: there is no share of nothing."""
    from scipy.stats import binomtest

    hits, size = sum(outcomes), len(outcomes)
    interval = binomtest(hits, size).proportion_ci(method="wilson")
    return Rate(
        hits=hits,
        of=size,
        share=round(hits / size, 4),
        low=round(float(interval.low), 4),
        high=round(float(interval.high), 4),
    )


def paired_p(ours: Sequence[bool], theirs: Sequence[bool]) -> float:
    """Exact McNemar test on the same questions: how likely so one-sided a difference is by chance alone."""
    from scipy.stats import binomtest

    won = sum(one and not other for one, other in zip(ours, theirs, strict=True))
    lost = sum(other and not one for one, other in zip(ours, theirs, strict=True))
    return round(float(binomtest(won, won + lost).pvalue), 6) if won + lost else 1.0
