"""Counting turns within one process. Also the share a process keeps to while the shared count cannot be reached."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from throttled.asyncio import MemoryStore, Quota, Throttled, per_duration
from throttled.asyncio.store import BaseStore
from throttled.constants import RateLimiterType

from bot.limits.rates import Rate

LONGEST_CLOSURE_S: Final = 3600.0
_MOST_NAMES: Final = 4096


class Meter(Protocol):
    async def ask(self, rate: Rate, cost: int) -> float:
        """0.0: the turn was taken. Else the seconds after which to ask again, and nothing was taken."""
        ...

    async def close(self, rate: Rate, seconds: float) -> None: ...


class Counter:
    """GCRA: a token bucket without a timer. One limiter for each pair of numbers, one key for each name."""

    def __init__(self, store: BaseStore, prefix: str) -> None:
        self._store = store
        self._prefix = prefix
        self._limiters: dict[tuple[int, int, int], Throttled] = {}

    async def ask(self, rate: Rate, cost: int, share: int = 1) -> float:
        limiter = self._limiter(rate, share)
        most = max(1, rate.burst // share)
        result = await limiter.limit(rate.name, min(cost, most))  # what is dearer than a whole burst waits for one
        return max(result.state.retry_after, 0.001) if result.limited else 0.0

    def _limiter(self, rate: Rate, share: int) -> Throttled:
        numbers = (rate.per_minute, rate.burst, share)
        if numbers not in self._limiters:
            self._limiters[numbers] = Throttled(
                using=RateLimiterType.GCRA.value, quota=_quota(*numbers), store=self._store, key_prefix=self._prefix
            )
        return self._limiters[numbers]


class LocalMeter:
    """Of this process alone. `share`: one n-th of every rate, where n processes share it."""

    def __init__(self, share: Callable[[], int] = lambda: 1) -> None:
        self._share = share
        self._counter = Counter(MemoryStore(options={"MAX_SIZE": _MOST_NAMES}), "local")
        self._closed: OrderedDict[str, float] = OrderedDict()

    async def ask(self, rate: Rate, cost: int) -> float:
        return self.closed_for(rate) or await self._counter.ask(rate, cost, self._share())

    async def close(self, rate: Rate, seconds: float) -> None:
        self._closed[rate.name] = time.monotonic() + min(seconds, LONGEST_CLOSURE_S)
        self._closed.move_to_end(rate.name)
        while len(self._closed) > _MOST_NAMES:
            self._closed.popitem(last=False)

    def closed_for(self, rate: Rate) -> float:
        """Seconds until this name is open again."""
        left = self._closed.get(rate.name, 0.0) - time.monotonic()
        if left <= 0:
            self._closed.pop(rate.name, None)
        return max(0.0, left)


def _quota(per_minute: int, burst: int, share: int) -> Quota:
    return per_duration(timedelta(minutes=share), per_minute, max(1, burst // share))
