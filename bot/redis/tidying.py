"""Keeps one stream small and takes over what a dead process left behind.

Owns old entries, entries that nobody acknowledged, poison and the names of processes that are gone. Uses no command
that is newer than Redis 6.2.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from redis.asyncio import Redis

from bot.redis import entries
from bot.redis.entries import Entry, Waiting
from bot.redis.link import Link, RedisAway

log = structlog.get_logger(__name__)

GROUP: Final = "workers"
_PAGE: Final = 100


@dataclass(frozen=True)
class Tidying:
    """When things are put in order. Times in seconds."""

    every_s: float = 10.0
    old_s: float = 10.0
    """Workers poll more often than this: an older wake-up tells nobody anything."""
    take_over_s: float = 3.0
    """An entry is acknowledged within milliseconds, unless its reader died or froze."""
    gone_s: float = 60.0
    most_times: int = 3
    """An entry handed out more often than this is dropped. The job it spoke of is in the record, and polled for."""


class Tidier:
    """Works for one stream. Several processes may do so at once: nothing here can be done twice in a harmful way."""

    def __init__(
        self,
        link: Link,
        stream: str,
        tidying: Tidying,
        hand_over: Callable[[list[Entry]], Awaitable[None]],
        counts: Counter[str],
    ) -> None:
        self._link = link
        self._stream = stream
        self._when = tidying
        self._hand_over = hand_over
        self._counts = counts

    async def tidy(self) -> None:
        """One round, after a pause."""
        await asyncio.sleep(random.uniform(0.5, 1.0) * self._when.every_s)  # noqa: S311  # spreads, guards nothing
        with suppress(RedisAway):
            await self._link.ask(self._trim)
            await self._take_over()
            await self._link.ask(self._strike_off)

    async def _trim(self, redis: Redis) -> None:
        """One by one: XTRIM with MINID takes entries away on Redis 6.2.5 that are much younger."""
        now = (await redis.time())[0]
        end = f"{int((now - self._when.old_s) * 1000)}"
        old = entries.listed(await redis.xrange(self._stream, max=end, count=10 * _PAGE))
        if old:
            await redis.xdel(self._stream, *(one.id for one in old))

    async def _take_over(self) -> None:
        left = await self._link.ask(self._left_behind)
        if not left:
            return
        await self._drop_poison([one for one in left if one.times > self._when.most_times])
        found = await self._link.ask(self._claim)
        self._counts["taken_over"] += len(found)
        await self._hand_over(found)
        # What was trimmed meanwhile has no entry any more, but on 6.2 it would stay on the list for ever.
        await self._link.ask(partial(self._acknowledge, [one.id for one in left]))

    async def _left_behind(self, redis: Redis) -> list[Waiting]:
        found = await redis.xpending_range(
            self._stream, GROUP, min="-", max="+", count=_PAGE, idle=int(self._when.take_over_s * 1000)
        )
        return entries.waiting(found)

    async def _drop_poison(self, poison: list[Waiting]) -> None:
        if not poison:
            return
        self._counts["poison"] += len(poison)
        log.warning("wake-ups that nobody survived are dropped, the record has their work", entries=len(poison))
        ids = [one.id for one in poison]
        await self._link.ask(partial(self._acknowledge, ids))
        await self._link.ask(lambda redis: redis.xdel(self._stream, *ids))

    async def _claim(self, redis: Redis) -> list[Entry]:
        idle = int(self._when.take_over_s * 1000)
        return entries.claimed(await redis.xautoclaim(self._stream, GROUP, self._link.name, idle, "0-0", count=_PAGE))

    async def _acknowledge(self, ids: list[str], redis: Redis) -> None:
        await redis.xack(self._stream, GROUP, *ids)

    async def _strike_off(self, redis: Redis) -> None:
        """Whoever is struck off by mistake is back on the list with its next question."""
        for one in entries.consumers(await redis.xinfo_consumers(self._stream, GROUP)):
            gone = one.idle_ms > self._when.gone_s * 1000 and not one.pending
            if gone and one.name != self._link.name:
                await redis.xgroup_delconsumer(self._stream, GROUP, one.name)
