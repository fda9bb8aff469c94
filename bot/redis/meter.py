"""Counts turns for all processes together. While Redis is away each keeps to a share of its own.

A share is one n-th of a rate, for the n processes last seen. Passing from one count to the other gives out one burst
more than the rate allows at most; what the other side says to that is told to everybody by `close`.
"""

from __future__ import annotations

from functools import partial
from typing import Final, cast

from redis.asyncio import Redis
from throttled.asyncio import RedisStore, RedisStoreBackend
from throttled.exceptions import StoreUnavailableError
from throttled.types import AsyncRedisClientP

from bot.limits.meters import LONGEST_CLOSURE_S, Counter, LocalMeter
from bot.limits.rates import Rate
from bot.redis.link import Link, RedisAway

_SLACK_S: Final = 1.0


class SharedMeter:
    """Implements `bot.limits.meters.Meter`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._local = LocalMeter(lambda: link.processes)
        self._prefix = link.key("rates")
        self._counter: Counter | None = None

    async def ask(self, rate: Rate, cost: int) -> float:
        closed = self._local.closed_for(rate)
        if closed:
            return closed
        try:
            return await self._link.ask(partial(self._ask, rate, cost))
        except RedisAway:
            return await self._local.ask(rate, cost)

    async def close(self, rate: Rate, seconds: float) -> None:
        await self._local.close(rate, seconds)
        for_ms = int(min(seconds, LONGEST_CLOSURE_S) * 1000) + 1
        try:
            await self._link.ask(lambda redis: redis.set(self._closed_key(rate), 1, px=for_ms))
        except RedisAway:
            return  # the others will be told by the other side, as we were

    def _closed_key(self, rate: Rate) -> str:
        return self._link.key("closed", rate.name)

    async def _ask(self, rate: Rate, cost: int, redis: Redis) -> float:
        closed_ms = int(await redis.pttl(self._closed_key(rate)))
        if closed_ms > 0:
            return closed_ms / 1000
        wait = await self._count(rate, cost, redis)
        if wait > rate.burst * 60 / rate.per_minute + _SLACK_S:
            # Longer than an empty bucket needs to fill: Redis's clock was set back. Count anew.
            await redis.delete(f"{self._prefix}:v1:gcra:{rate.name}")
            wait = await self._count(rate, cost, redis)
        return wait

    async def _count(self, rate: Rate, cost: int, redis: Redis) -> float:
        if self._counter is None:
            self._counter = Counter(_Store(redis), self._prefix)
        try:
            return await self._counter.ask(rate, cost)
        except StoreUnavailableError as error:
            raise error.__cause__ or error from None


class _Backend(RedisStoreBackend):
    """The library would open connections of its own, with time limits of its own."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._client = cast("AsyncRedisClientP", redis)


class _Store(RedisStore):
    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._backend = _Backend(redis)
