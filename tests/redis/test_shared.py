"""With a Redis all is shared, without one each process has its own, and one that is not there stops nobody."""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from bot.bootstrap.shared import Shared, open_shared
from bot.limits.rates import Rate
from bot.settings import Settings
from bot.tasks import WORKER_KINDS
from tests.redis.waiting import soon
from tests.redis_server import RedisServer

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def _settings(url: str | None) -> Settings:
    return Settings(_env_file=None, strata_redis_url=None if url is None else SecretStr(url))


async def _works_here(shared: Shared) -> None:
    waiting = asyncio.create_task(shared.delivery.wait(WORKER_KINDS, 60.0))
    await asyncio.sleep(0)
    shared.delivery.wake(["post_card"])
    await soon(waiting)
    await shared.limits.take(Rate("some:rate", 60, 5))


async def test_without_a_redis_each_process_has_its_own() -> None:
    async with open_shared(_settings(None), KEY) as shared:
        await _works_here(shared)
        await shared.cache.put("k", "v", 60.0)
        assert await shared.cache.get("k") == "v"
        assert shared.state() == "ok"


async def test_with_a_redis_processes_of_one_installation_share(server: RedisServer) -> None:
    async with (
        open_shared(_settings(server.url), KEY) as one,
        open_shared(_settings(server.url), KEY) as two,
        open_shared(_settings(server.url), OTHER_KEY) as stranger,
    ):
        await _works_here(one)
        await one.cache.put("k", "v", 60.0)
        assert await two.cache.get("k") == "v"
        assert await stranger.cache.get("k") is None
        waiting = asyncio.create_task(two.delivery.wait(WORKER_KINDS, 60.0))
        await asyncio.sleep(0)
        one.delivery.wake(["post_card"])
        await soon(waiting)
        assert one.state() == "ok"


async def test_fault_34_a_redis_that_is_not_there_stops_nobody() -> None:
    async with open_shared(_settings("redis://127.0.0.1:1/0"), KEY) as shared:
        await _works_here(shared)
        assert shared.state().startswith("degraded: ")
