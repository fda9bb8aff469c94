"""Whether Redis can be used is known, told once, and nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.redis.link import PATIENCE_S, Link, RedisAway, open_link
from tests.redis.breaking import BREAKS, Break
from tests.redis.waiting import until
from tests.redis_server import RedisServer, wheel_program

STEPS = 40
"""More than one question takes, from the first connection on."""


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    with capture_logs() as found:
        yield found


async def _set(redis: Redis) -> None:
    await redis.set("a", "b")


async def _refused(link: Link) -> None:
    with pytest.raises(RedisAway):
        await link.ask(_set)


def _told(lines: list[EventDict]) -> list[str]:
    return [str(line["event"]) for line in lines if line["log_level"] in {"warning", "error", "critical", "info"}]


async def test_it_answers(link: Link) -> None:
    assert link.state() == "ok"
    assert await link.ask(lambda redis: redis.set("a", "b"))


async def test_nothing_there_is_told_once_and_costs_nobody_time(lines: list[EventDict]) -> None:
    async with open_link(SecretStr("redis://:hunter2@127.0.0.1:1/0"), "test") as link:
        assert link.state().startswith("degraded: ")
        await _refused(link)
        await until(lambda: len(_told(lines)) == 1)
    assert "hunter2" not in f"{lines}{link.state()}"


@pytest.mark.parametrize("how", [one for one in BREAKS if one.is_seen], ids=lambda one: one.name)
async def test_fault_34_an_outage_is_told_once_and_ends_by_itself(
    link: Link, server: RedisServer, lines: list[EventDict], how: Break
) -> None:
    how.break_it(server)
    await _refused(link)
    assert link.state().startswith("degraded: ")
    assert how.code in link.state()
    for _ in range(50):
        await _refused(link)
    await until(lambda: _told(lines))
    how.mend_it(server)
    async with asyncio.timeout(20):
        await link.back()
    await link.ask(_set)
    assert link.state() == "ok"
    assert _told(lines) == ["Redis cannot be used, work goes on by polling", "Redis is back"]


async def test_fault_34_a_long_outage_is_told_once(
    link: Link, server: RedisServer, lines: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    look = link._beat

    async def counted() -> bool:
        looks.append(await look())
        return looks[-1]

    monkeypatch.setattr(link, "_beat", counted)
    server.kill()
    await _refused(link)
    await until(lambda: looks.count(False) >= 3)
    assert len(_told(lines)) == 1


async def test_fault_36_nobody_waits_longer_than_patience_for_a_frozen_redis(link: Link, server: RedisServer) -> None:
    server.freeze()
    asked = [asyncio.create_task(link.ask(_set)) for _ in range(100)]
    done, late = await asyncio.wait(asked, timeout=len(asked) * PATIENCE_S / 2)  # one by one would take twice that
    server.thaw()
    assert not late
    assert all(isinstance(one.exception(), RedisAway) for one in done)


async def test_answers_are_never_mixed_up_after_a_question_was_given_up(link: Link) -> None:
    for number in range(30):
        await link.ask(lambda redis, number=number: redis.set(f"k{number}", number))  # type: ignore[misc]
    for steps in range(STEPS):
        asking = asyncio.create_task(link.ask(lambda redis: redis.get("k7")))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        for number in range(30):
            assert await link.ask(lambda redis, number=number: redis.get(f"k{number}")) == str(number)  # type: ignore[misc]


async def test_a_cancellation_is_never_swallowed(server: RedisServer) -> None:
    for steps in range(STEPS):
        async with open_link(SecretStr(server.url), "test") as link:
            await link._client.connection_pool.disconnect()
            asking = asyncio.create_task(link.ask(_set))
            for _ in range(steps):
                await asyncio.sleep(0)
            was_done = asking.done()
            asking.cancel()
            await asyncio.wait([asking])
            assert was_done or asking.cancelled()


async def test_processes_are_counted_while_they_are_there(server: RedisServer, link: Link) -> None:
    assert link.processes == 1
    async with open_link(SecretStr(server.url), "test") as second, open_link(SecretStr(server.url), "other"):
        assert second.processes == 2
    async with open_link(SecretStr(server.url), "test") as third:
        assert third.processes == 2


def test_the_servers_are_of_two_versions() -> None:
    server = RedisServer(wheel_program())
    server.start()
    with server.admin() as admin:
        assert str(admin.info("server")["redis_version"]).startswith("6.2")
    server.stop()


async def test_a_password_is_used_and_a_wrong_one_is_told_without_naming_it(
    server: RedisServer, lines: list[EventDict]
) -> None:
    with server.admin() as admin:
        admin.config_set("requirepass", "hunter2")
    async with open_link(SecretStr(f"unix://:hunter2@{server.socket}"), "test") as link:
        assert link.state() == "ok"
    assert _told(lines) == []
    for wrong in ("unix://", "unix://:swordfish@"):
        async with open_link(SecretStr(f"{wrong}{server.socket}"), "test") as link:
            assert "AuthenticationError" in link.state()
            await until(lambda: _told(lines))
            assert "swordfish" not in f"{lines}{link.state()}{link!r}"
