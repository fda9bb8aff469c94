"""Tells all processes something at once. A hint like a wake-up: what is true stands in the record.

A stream and not pub/sub: whoever was away for a moment reads on where it stopped. After an outage, and when it begins,
every listener is called with `MISSED`: something may have been said that nobody can repeat.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

import structlog
from redis.asyncio import Redis

from bot.redis import entries
from bot.redis.entries import Entry
from bot.redis.link import Link, RedisAway

log = structlog.get_logger(__name__)

Listener = Callable[[str], Awaitable[None]]

MISSED: Final = ""
_KEPT: Final = 100
_BLOCK_S: Final = 5.0


class Broadcast:
    """Opened with `open_broadcast`. Without a link it reaches this process only."""

    def __init__(self, link: Link | None) -> None:
        self._link = link
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)

    def on(self, topic: str, listener: Listener) -> None:
        self._listeners[topic].append(listener)

    async def publish(self, topic: str, text: str) -> None:
        """Here at once, elsewhere as soon as Redis allows; never fails because of Redis."""
        await self._tell(topic, text)
        if self._link is not None:
            with suppress(RedisAway):
                await self._link.ask(partial(_add, self._link, {"topic": topic, "text": text}))

    async def listen(self, link: Link) -> None:
        """Until cancelled."""
        redis = link.connect()
        after: str | None = None
        try:
            while True:
                await link.back()
                try:
                    if after is None:
                        after = await link.ask(partial(_last, link))
                        await self._tell_all(MISSED)
                    found = await _read(redis, link, after)
                except RedisAway:
                    continue
                except Exception as error:  # noqa: BLE001  # whatever went wrong in there, work goes on without
                    link.failed(error)
                    after = None
                    continue
                for entry in found:
                    after = entry.id
                    await self._hear(entry, link)
        finally:
            await redis.aclose()

    async def _hear(self, entry: Entry, link: Link) -> None:
        if entry.fields.get("from") != link.name:  # what was said here was heard here
            await self._tell(entry.fields.get("topic", ""), entry.fields.get("text", ""))

    async def _tell_all(self, text: str) -> None:
        for topic in tuple(self._listeners):
            await self._tell(topic, text)

    async def _tell(self, topic: str, text: str) -> None:
        for listener in self._listeners.get(topic, ()):
            try:
                await listener(text)
            except Exception:
                log.exception("a listener failed", topic=topic)


@asynccontextmanager
async def open_broadcast(link: Link | None) -> AsyncIterator[Broadcast]:
    broadcast = Broadcast(link)
    if link is None:
        yield broadcast
        return
    listening = asyncio.create_task(broadcast.listen(link))
    try:
        yield broadcast
    finally:
        listening.cancel()
        await asyncio.wait([listening])


async def _add(link: Link, fields: dict[str, str], redis: Redis) -> None:
    said = {**fields, "from": link.name}
    await redis.xadd(link.key("broadcast"), said, maxlen=_KEPT, approximate=True)  # type: ignore[arg-type]  # invariant dict


async def _last(link: Link, redis: Redis) -> str:
    """The id of the newest entry: `$` would mean another one with each question."""
    newest = entries.listed(await redis.xrevrange(link.key("broadcast"), count=1))
    return newest[0].id if newest else "0-0"


async def _read(redis: Redis, link: Link, after: str) -> list[Entry]:
    async with asyncio.timeout(_BLOCK_S + 1.0):
        return entries.read(await redis.xread({link.key("broadcast"): after}, block=int(_BLOCK_S * 1000)))
