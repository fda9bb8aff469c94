"""Waiting one's turn. Implements `bot.limits.rates.RateLimits` on a meter."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Final

from bot.limits.meters import Meter
from bot.limits.rates import Rate
from graphs.errors import RateLimited

PATIENCE_S: Final = 2.0
"""Longest wait in place. Whoever would wait longer makes room for other work and comes back."""
FURTHEST_S: Final = 60.0
_MOST_NAMES: Final = 4096


class Limits:
    def __init__(self, meter: Meter, patience_s: float = PATIENCE_S) -> None:
        self._meter = meter
        self._patience_s = patience_s
        self._queues: OrderedDict[str, float] = OrderedDict()

    async def take(self, rate: Rate, cost: int = 1) -> None:
        start = time.monotonic()
        while (wait := await self._meter.ask(rate, cost)) > 0:
            if time.monotonic() - start + wait > self._patience_s:
                raise RateLimited(f"{rate.name}: all turns are taken for now", self._place(rate, wait, cost))
            await asyncio.sleep(wait)
        if time.monotonic() - start > self._patience_s + 1:
            # This process was asleep. Whoever is about to send something must not send it that late.
            raise RateLimited(f"{rate.name}: the turn came while this process slept", 0.0)

    async def close(self, rate: Rate, seconds: float) -> None:
        await self._meter.close(rate, seconds)

    def _place(self, rate: Rate, wait: float, cost: int) -> float:
        """Seconds until one's place in the queue: a thousand that are sent away must not all be back in a second."""
        now = time.monotonic()
        last = self._queues.get(rate.name, 0.0)
        place = min(max(now + wait, last + cost * 60 / rate.per_minute), now + max(wait, FURTHEST_S))
        self._queues[rate.name] = place
        self._queues.move_to_end(rate.name)
        if len(self._queues) > _MOST_NAMES:
            self._queues.popitem(last=False)
        return place - now
