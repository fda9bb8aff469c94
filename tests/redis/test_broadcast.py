"""What one process says all hear, once, and after an outage everybody is told that something may have been missed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from pydantic import SecretStr

from bot.redis.broadcast import MISSED, Broadcast, open_broadcast
from bot.redis.link import Link, open_link
from tests.redis.waiting import until
from tests.redis_server import RedisServer


class Heard(list[str]):
    async def __call__(self, text: str) -> None:
        self.append(text)


async def _opened(stack: AsyncExitStack, link: Link | None) -> tuple[Broadcast, Heard]:
    broadcast, heard = await stack.enter_async_context(open_broadcast(link)), Heard()
    broadcast.on("pause", heard)
    if link is not None:
        await until(lambda: heard == [MISSED])
    return broadcast, heard


async def test_all_processes_hear_it_once_and_the_speaker_at_once(server: RedisServer, link: Link) -> None:
    async with AsyncExitStack() as stack:
        second = await stack.enter_async_context(open_link(SecretStr(server.url), "test"))
        here, heard = await _opened(stack, link)
        _, there = await _opened(stack, second)
        await here.publish("pause", "on")
        assert heard == [MISSED, "on"]
        await here.publish("something else", "x")
        await here.publish("pause", "off")
        await until(lambda: there == [MISSED, "on", "off"])
        assert heard == there


async def test_who_listens_later_does_not_hear_what_was_said_before(server: RedisServer, link: Link) -> None:
    async with AsyncExitStack() as stack:
        second = await stack.enter_async_context(open_link(SecretStr(server.url), "test"))
        here, _ = await _opened(stack, link)
        await here.publish("pause", "old")
        _, there = await _opened(stack, second)
        await here.publish("pause", "new")
        await until(lambda: there == [MISSED, "new"])


async def test_without_redis_it_reaches_this_process() -> None:
    async with AsyncExitStack() as stack:
        here, heard = await _opened(stack, None)
        await here.publish("pause", "on")
        assert heard == ["on"]


async def test_a_listener_that_fails_keeps_no_other_from_hearing(link: Link) -> None:
    async def fails(_text: str) -> None:
        raise ValueError

    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(open_broadcast(link))
        here.on("pause", fails)
        heard = Heard()
        here.on("pause", heard)
        await here.publish("pause", "on")
        assert heard[-1] == "on"


async def test_fault_35_after_an_outage_listeners_look_for_themselves(server: RedisServer, link: Link) -> None:
    async with AsyncExitStack() as stack:
        second = await stack.enter_async_context(open_link(SecretStr(server.url), "test"))
        here, _ = await _opened(stack, link)
        _, there = await _opened(stack, second)
        server.kill()
        async with asyncio.timeout(5):
            await here.publish("pause", "lost")
        server.start()
        await until(lambda: there == [MISSED, MISSED] and link.state() == "ok")
        await here.publish("pause", "on")
        await until(lambda: there[-1] == "on")
        with server.admin() as admin:
            admin.flushall()
        await here.publish("pause", "off")
        await until(lambda: there[-1] == "off")
