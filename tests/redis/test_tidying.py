"""What a dead process left is taken over, poison is dropped, streams stay small. Redis 6.2 and 7.0 differ here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import redis
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.redis.tidying import GROUP, Tidying
from tests.redis.conftest import LONG, WORK, Join
from tests.redis.waiting import soon, until
from tests.redis_server import RedisServer

STREAM = "strata:test:wake:worker"
QUICK = Tidying(every_s=0.02, take_over_s=0.02, gone_s=0.05)


@pytest.fixture
def admin(server: RedisServer) -> Iterator[redis.Redis]:
    with server.admin() as client:
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        yield client


def _left_by_a_dead_process(admin: redis.Redis, entries: int = 1) -> list[str]:
    ids = [str(admin.xadd(STREAM, {"kind": "triage_ticket"})) for _ in range(entries)]
    admin.xreadgroup(GROUP, "dead", {STREAM: ">"}, count=entries)
    return ids


def _pending(admin: redis.Redis) -> int:
    return int(admin.xpending(STREAM, GROUP)["pending"])


async def test_an_entry_of_a_dead_process_is_taken_over(join: Join, admin: redis.Redis) -> None:
    _left_by_a_dead_process(admin)
    there = await join(QUICK)
    await soon(asyncio.create_task(there.wait(WORK, LONG)))
    await until(lambda: _pending(admin) == 0 and admin.xlen(STREAM) == 0)
    assert there.counts["taken_over"] == 1


async def test_a_living_process_keeps_its_entries(join: Join, admin: redis.Redis) -> None:
    _left_by_a_dead_process(admin)
    there = await join(Tidying(every_s=0.01, take_over_s=60.0))
    waiting = asyncio.create_task(there.wait(WORK, LONG))
    await until(lambda: int(admin.info("commandstats").get("cmdstat_xpending", {"calls": 0})["calls"]) > 3)
    assert not waiting.done()
    assert _pending(admin) == 1
    waiting.cancel()


@pytest.mark.parametrize("all_of_them", [True, False])
async def test_entries_that_were_trimmed_do_not_stay_on_the_list(
    join: Join, admin: redis.Redis, *, all_of_them: bool
) -> None:
    ids = _left_by_a_dead_process(admin, entries=5)
    admin.xdel(STREAM, *ids[: 5 if all_of_them else 3])
    assert _pending(admin) == 5
    there = await join(QUICK)
    waiting = [asyncio.create_task(there.wait(WORK, LONG)) for _ in range(2)]
    await until(lambda: _pending(admin) == 0)
    for one in waiting:
        one.cancel()
    assert there.counts["taken_over"] == (0 if all_of_them else 2)
    assert there.counts["poison"] == 0
    assert there.state() == "ok"


async def test_poison_is_dropped_told_and_counted(join: Join, admin: redis.Redis) -> None:
    poison, sound = _left_by_a_dead_process(admin, entries=2)
    admin.xclaim(STREAM, GROUP, "dead", 0, [poison], retrycount=QUICK.most_times + 1)
    with capture_logs() as lines:
        there = await join(QUICK)
        await soon(asyncio.create_task(there.wait(WORK, LONG)))
        await until(lambda: _pending(admin) == 0 and admin.xlen(STREAM) == 0)
    assert there.counts["poison"] == 1
    assert there.counts["taken_over"] == 1, sound
    assert len(_warnings(lines)) == 1


async def test_what_kills_every_reader_ends_as_poison(join: Join, admin: redis.Redis) -> None:
    (entry,) = _left_by_a_dead_process(admin)
    for _ in range(QUICK.most_times):
        claimed = admin.xautoclaim(STREAM, GROUP, "another that dies", 0, "0-0")
        assert claimed[1][0][0] == entry
    there = await join(QUICK)
    await until(lambda: there.counts["poison"] == 1)
    assert there.counts["taken_over"] == 0


async def test_names_of_processes_that_are_gone_are_struck_off(join: Join, admin: redis.Redis) -> None:
    _left_by_a_dead_process(admin)
    there = await join(QUICK)
    waiting = asyncio.create_task(there.wait(WORK, LONG))
    await soon(waiting)
    await until(lambda: "dead" not in {one["name"] for one in admin.xinfo_consumers(STREAM, GROUP)})


async def test_old_wake_ups_are_not_kept(join: Join, admin: redis.Redis) -> None:
    admin.xadd(STREAM, {"kind": "triage_ticket"}, id="1-1")
    for _ in range(50):
        admin.xadd(STREAM, {"kind": "triage_ticket"})
    await join(Tidying(every_s=0.02, old_s=3600.0))
    await until(lambda: admin.xlen(STREAM) == 50)


async def test_a_stream_that_is_not_there_is_no_trouble(join: Join, server: RedisServer) -> None:
    there = await join(QUICK)
    with server.admin() as admin:
        await until(lambda: int(admin.info("commandstats").get("cmdstat_xpending", {"calls": 0})["calls"]) > 3)
    assert there.state() == "ok"


def _warnings(lines: list[EventDict]) -> list[EventDict]:
    return [line for line in lines if line["log_level"] == "warning"]
