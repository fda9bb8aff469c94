"""A Redis of its own for each test, in the oldest supported version and in the system's newer one, and ways to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Protocol

import pytest
from pydantic import SecretStr

from bot.redis.delivery import Reading, RedisDelivery, open_delivery
from bot.redis.link import Link, open_link
from bot.redis.tidying import Tidying
from tests.redis_server import RedisServer, system_program, wheel_program

WORK = frozenset({"triage_ticket", "post_card", "tell_channel"})
WRITING = frozenset({"execute_proposal"})
ROLES = {"worker": WORK, "executor": WRITING}
LONG = 60.0
"""Never reached: a test that waits this long has failed by its own time limit."""


@pytest.fixture(params=["6.2", "system"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    program = wheel_program() if request.param == "6.2" else system_program()
    if program is None:
        pytest.skip("no newer redis-server on this machine: only 6.2 was tested")
    running = RedisServer(program)
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def link(server: RedisServer) -> AsyncIterator[Link]:
    async with open_link(SecretStr(server.url), "test") as opened:
        yield opened


class Join(Protocol):
    """One more process, as far as Redis can tell."""

    async def __call__(self, tidying: Tidying | None = None) -> RedisDelivery: ...


@pytest.fixture
async def join(server: RedisServer) -> AsyncIterator[Join]:
    async with AsyncExitStack() as stack:

        async def joined(tidying: Tidying | None = None) -> RedisDelivery:
            link = await stack.enter_async_context(open_link(SecretStr(server.url), "test"))
            return await stack.enter_async_context(
                open_delivery(link, ROLES, Reading(block_s=1.0, after_trouble_s=0.01), tidying)
            )

        yield joined
