"""Whether the stable start of requests is worth keeping at the service, judged by how often requests come.

With requests at random moments, `rate` a second, one finds what the last one wrote with probability
p = 1 - exp(-rate * ttl). A written token costs `w` times a fresh one, a cached one `r` times. Keeping pays where
p * r + (1 - p) * w < 1, and the cheapest choice is taken. A cache written for every ticket costs more than none.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from graphs.agent.prices import Price
from graphs.agent.talk import Keep

TTL_S = {Keep.MINUTES: 300.0, Keep.HOUR: 3_600.0}
MOST = 50
_LEAST = 3
"""Arrivals before anything is said about their rate."""


def factor(keep: Keep, rate: float, price: Price) -> float:
    """Expected price of a token of the stable start, a fresh one being 1."""
    if keep is Keep.NOT or not price.fresh:
        return 1.0
    hit = 1 - math.exp(-rate * TTL_S[keep])
    written = price.kept_minutes if keep is Keep.MINUTES else price.kept_hour
    return (hit * price.cached + (1 - hit) * written) / price.fresh


def cheapest(rate: float, price: Price) -> Keep:
    return min(Keep, key=lambda one: factor(one, rate, price))


class Arrivals:
    """The last arrivals and the rate that they speak for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: deque[float] = deque(maxlen=MOST)

    def note(self) -> None:
        self._at.append(self._clock())

    def rate(self) -> float:
        """A second; 0 where too little is known. The silence since the last arrival counts."""
        if len(self._at) < _LEAST:
            return 0.0
        return (len(self._at) - 1) / max(self._clock() - self._at[0], 1.0)
