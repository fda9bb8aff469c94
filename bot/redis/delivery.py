"""Wakes workers of other processes through one Redis stream for each role. Implements `bot.work.delivery.Delivery`.

An entry says "look now" and nothing else: what there is to do stands in the record, so an entry may be lost, come
twice or come late. Whoever is idle in this process is woken at once; only work for which nobody here is free is
announced to the others, and a process reads only while somebody in it is free. So a wake-up goes to one idle worker
instead of to all, and a burst spreads over the processes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from redis.asyncio import Redis

from bot.redis import entries
from bot.redis.entries import Entry
from bot.redis.idle import Idle, Seat
from bot.redis.link import Link, RedisAway, is_about_a_stream
from bot.redis.tidying import GROUP, Tidier, Tidying

log = structlog.get_logger(__name__)

MOST_AT_ONCE: Final = 100
"""No more wake-ups of one kind are sent in one go: the woken go on by themselves until nothing is left."""
STREAM_LENGTH: Final = 1000
_ALONE: Final = ""
"""For kinds of no role: they are woken in this process only."""


@dataclass(frozen=True)
class Reading:
    block_s: float = 5.0
    """How long Redis holds a question back while there is nothing to say."""
    after_trouble_s: float = 0.1


class RedisDelivery:
    """Opened with `open_delivery`."""

    def __init__(self, link: Link, roles: Mapping[str, frozenset[str]], reading: Reading, tidying: Tidying) -> None:
        self._link = link
        self._reading = reading
        self._role_of = {kind: role for role, kinds in roles.items() for kind in kinds}
        self._idle = {role: Idle() for role in (*roles, _ALONE)}
        self._woken: Counter[str] = Counter()
        self._unsent: Counter[str] = Counter()
        self._to_send = asyncio.Event()
        self._blocking = link.connect()
        self.counts: Counter[str] = Counter()
        """sent, received, forwarded, taken_over, poison: for the metrics."""
        self._tidiers = {
            role: Tidier(link, self._stream(role), tidying, partial(self._hand_over, role), self.counts)
            for role in roles
        }

    def wake(self, kinds: Iterable[str]) -> None:
        """Never waits and never fails. A kind that is named n times is n jobs."""
        jobs = Counter(kinds)
        self._woken.update(jobs)
        free: Counter[str] = Counter()
        for kind in jobs:
            free[self._role(kind)] += self._idle[self._role(kind)].call(kind)
        for kind in jobs.elements():
            role = self._role(kind)
            if free[role]:
                free[role] -= 1  # whoever was called for one kind takes any of its role
            else:
                self._announce(kind)

    def mark(self, kinds: frozenset[str]) -> int:
        return sum(self._woken[kind] for kind in kinds)

    async def wait(self, kinds: frozenset[str], timeout_s: float, since: int | None = None) -> None:
        if since is not None and self.mark(kinds) != since:
            return
        seat = Seat(kinds, asyncio.get_running_loop().create_future())
        places = [self._idle[role] for role in {self._role(kind) for kind in kinds}]
        for idle in places:
            idle.sit(seat)
        try:
            await asyncio.wait([seat.called], timeout=timeout_s)
        finally:
            for idle in places:
                idle.leave(seat)

    def state(self) -> str:
        """For `/readyz`."""
        return self._link.state()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_for_ever(self._send))
            for role, tidier in self._tidiers.items():
                group.create_task(_for_ever(partial(self._receive, role)))
                group.create_task(_for_ever(tidier.tidy))

    async def close(self) -> None:
        await self._blocking.aclose()

    def _role(self, kind: str) -> str:
        return self._role_of.get(kind, _ALONE)

    def _stream(self, role: str) -> str:
        return self._link.key("wake", role)

    def _announce(self, kind: str) -> None:
        if kind in self._role_of and self._unsent[kind] < MOST_AT_ONCE:
            self._unsent[kind] += 1
            self._to_send.set()

    async def _send(self) -> None:
        """What gathers while Redis answers goes out together. While it is away nothing is kept: everybody polls."""
        await self._to_send.wait()
        self._to_send.clear()
        batch, self._unsent = self._unsent, Counter()
        with suppress(RedisAway):
            await self._link.ask(partial(self._add, batch))
            self.counts["sent"] += batch.total()

    async def _add(self, batch: Counter[str], redis: Redis) -> None:
        async with redis.pipeline(transaction=False) as pipe:
            for kind in batch.elements():
                pipe.xadd(self._stream(self._role_of[kind]), {"kind": kind}, maxlen=STREAM_LENGTH, approximate=True)
            await pipe.execute()

    async def _receive(self, role: str) -> None:
        """Asks for as many wake-ups as there are idle workers, and not at all while all are busy."""
        idle = self._idle[role]
        await idle.taken.wait()
        await self._link.back()
        try:
            async with asyncio.timeout(self._reading.block_s + 1.0):
                found = entries.read(
                    await self._blocking.xreadgroup(
                        GROUP,
                        self._link.name,
                        {self._stream(role): ">"},
                        count=max(1, idle.free()),
                        block=int(self._reading.block_s * 1000),
                    )
                )
        except Exception as error:  # noqa: BLE001  # whatever went wrong in there, work goes on without
            await self._after(role, error)
        else:
            self.counts["received"] += len(found)
            await self._hand_over(role, found)

    async def _after(self, role: str, error: Exception) -> None:
        """A stream or a group that is not there is made; any other trouble is Redis's own."""
        await asyncio.sleep(self._reading.after_trouble_s)
        if not is_about_a_stream(error):
            self._link.failed(error)
            return
        with suppress(RedisAway):
            await self._link.ask(partial(_make_group, self._stream(role)))

    async def _hand_over(self, role: str, found: list[Entry]) -> None:
        """To one idle worker each. Comes one while all are busy, it goes back: somebody else may be free."""
        if not found:
            return
        idle = self._idle[role]
        for entry in found:
            kind = entry.fields.get("kind", "")
            if idle.free():
                idle.call(kind, most=1)
            else:
                self.counts["forwarded"] += 1
                self._announce(kind)
        with suppress(RedisAway):
            await self._link.ask(partial(_forget, self._stream(role), [entry.id for entry in found]))


@asynccontextmanager
async def open_delivery(
    link: Link, roles: Mapping[str, frozenset[str]], reading: Reading | None = None, tidying: Tidying | None = None
) -> AsyncIterator[RedisDelivery]:
    """`roles`: which kinds of work are done by which role; one stream for each."""
    delivery = RedisDelivery(link, roles, reading or Reading(), tidying or Tidying())
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        running.cancel()
        await asyncio.wait([running])
        await delivery.close()


async def _make_group(stream: str, redis: Redis) -> None:
    """From the stream's first entry on: what came before the group is news too."""
    await redis.xgroup_create(stream, GROUP, id="0", mkstream=True)


async def _forget(stream: str, ids: list[str], redis: Redis) -> None:
    async with redis.pipeline(transaction=False) as pipe:
        pipe.xack(stream, GROUP, *ids)
        pipe.xdel(stream, *ids)
        await pipe.execute()


async def _for_ever(step: Callable[[], Awaitable[None]]) -> None:
    """An error of ours in one step must not end wake-ups for good."""
    while True:
        try:
            await step()
        except Exception:
            log.exception("a step of the delivery failed, going on")
            await asyncio.sleep(1.0)
