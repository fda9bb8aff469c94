"""A wake-up crosses processes, goes to one idle worker, and is lost without harm."""

from __future__ import annotations

import asyncio

from bot.redis.delivery import MOST_AT_ONCE, STREAM_LENGTH, RedisDelivery
from bot.tasks import EXECUTOR_KINDS, PRIORITY, WORKER_KINDS
from bot.work.delivery import Delivery
from tests.redis.conftest import LONG, WORK, WRITING, Join
from tests.redis.waiting import soon, until
from tests.redis_server import RedisServer

STREAM = "strata:test:wake:worker"


def _waits(delivery: RedisDelivery, kinds: frozenset[str] = WORK) -> asyncio.Task[None]:
    return asyncio.create_task(delivery.wait(kinds, LONG))


async def _reading(server: RedisServer, processes: int) -> None:
    """Until so many processes hold a question that Redis has not answered yet."""
    with server.admin() as admin:
        await until(lambda: int(admin.info("clients")["blocked_clients"]) >= processes)


async def test_a_wake_up_reaches_another_process(join: Join, server: RedisServer) -> None:
    here: Delivery = await join()
    there = await join()
    waiting = _waits(there)
    await _reading(server, 1)
    here.wake(["triage_ticket"])
    await soon(waiting)


async def test_it_goes_to_one_of_all_who_are_idle(join: Join, server: RedisServer) -> None:
    here, *others = [await join() for _ in range(4)]
    waiting = [_waits(one) for one in others for _ in range(2)]
    await _reading(server, 3)
    here.wake(["triage_ticket"])
    await until(lambda: any(one.done() for one in waiting))
    with server.admin() as admin:
        await until(lambda: admin.xlen(STREAM) == 0)
    assert sum(one.done() for one in waiting) == 1
    here.wake(["triage_ticket"] * 5)
    await until(lambda: all(one.done() for one in waiting))
    for one in waiting:
        one.cancel()


async def test_whoever_is_idle_here_is_woken_at_once_and_nobody_else(join: Join, server: RedisServer) -> None:
    here, there = await join(), await join()
    near, far = _waits(here), _waits(there)
    await _reading(server, 2)
    here.wake(["post_card"])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert near.done()
    here.wake(["post_card"])  # now all are busy here
    await soon(far)
    again = _waits(there)
    here.wake(["post_card"])
    await soon(again)
    with server.admin() as admin:
        await until(lambda: admin.xlen(STREAM) == 0)
        forwarded = here.counts["forwarded"] + there.counts["forwarded"]
        assert admin.info("commandstats")["cmdstat_xadd"]["calls"] == 2 + forwarded


async def test_more_work_than_idle_workers_spreads(join: Join, server: RedisServer) -> None:
    here, there = await join(), await join()
    near, far = _waits(here), _waits(there)
    await _reading(server, 2)
    here.wake(["post_card", "triage_ticket"])
    await soon(near)
    await soon(far)
    await until(lambda: here.counts["sent"] == 1)


async def test_roles_do_not_hear_each_other(join: Join, server: RedisServer) -> None:
    here, there = await join(), await join()
    working, writing = _waits(there), _waits(there, WRITING)
    await _reading(server, 2)
    here.wake(WRITING)
    await soon(writing)
    assert not working.done()
    working.cancel()


async def test_while_all_are_busy_a_wake_up_waits_for_whoever_is_idle_first(join: Join, server: RedisServer) -> None:
    here, there = await join(), await join()
    here.wake(["triage_ticket"])
    with server.admin() as admin:
        await until(lambda: admin.xlen(STREAM) == 1)
    await soon(_waits(there))
    with server.admin() as admin:
        await until(lambda: admin.xlen(STREAM) == 0)
        assert admin.xpending(STREAM, "workers")["pending"] == 0


async def test_nobody_takes_more_wake_ups_than_it_has_idle_workers(join: Join, server: RedisServer) -> None:
    here, there = await join(), await join()
    here.wake(["triage_ticket"] * 5)
    with server.admin() as admin:
        await until(lambda: admin.xlen(STREAM) == 5)
        await soon(_waits(there))
        await until(lambda: admin.xlen(STREAM) == 4)
    assert there.counts == {"received": 1}


async def test_a_wake_up_for_a_process_that_got_busy_meanwhile_goes_to_another(join: Join, server: RedisServer) -> None:
    here, busy = await join(), await join()
    gone = _waits(busy)
    await _reading(server, 1)
    gone.cancel()  # it asks still, but nobody there is idle any more
    await asyncio.wait([gone])
    idle = await join()
    here.wake(["triage_ticket"])
    await until(lambda: busy.counts["forwarded"] == 1)
    await soon(_waits(idle))


async def test_a_kind_that_nobody_here_knows_is_dropped_and_not_sent_round(join: Join, server: RedisServer) -> None:
    there = await join()
    waiting = _waits(there)
    await _reading(server, 1)
    with server.admin() as admin:
        admin.xadd(STREAM, {"kind": "of_a_newer_version"})
        admin.xadd(STREAM, {b"\xff\xfe": b"\x00\xff"})
        await until(lambda: admin.xlen(STREAM) == 0)
    assert there.counts["forwarded"] == 0
    assert there.state() == "ok"
    assert not waiting.done()
    waiting.cancel()


async def test_what_is_sent_is_bounded(join: Join, server: RedisServer) -> None:
    here = await join()
    here.wake(["triage_ticket"] * 5000)
    await until(lambda: here.counts["sent"])
    assert here.counts["sent"] == MOST_AT_ONCE
    for _ in range(15):
        here.wake(["triage_ticket"] * 200)
        sent = here.counts["sent"]
        await until(lambda sent=sent: here.counts["sent"] > sent)  # type: ignore[misc]  # binds this round
    with server.admin() as admin:
        assert admin.xlen(STREAM) <= STREAM_LENGTH + 100  # trimmed by whole nodes of a hundred


async def test_kinds_of_no_role_are_woken_in_this_process(join: Join) -> None:
    here = await join()
    waiting = _waits(here, frozenset({"something_local"}))
    await asyncio.sleep(0)
    here.wake(["something_local"])
    await soon(waiting)
    here.wake(["something_local"])
    assert here.counts["sent"] == 0


async def test_a_wake_up_between_looking_and_waiting_is_not_lost(join: Join) -> None:
    here = await join()
    since = here.mark(WORK)
    here.wake(["post_card"])
    async with asyncio.timeout(5):
        await here.wait(WORK, LONG, since)


async def test_without_a_wake_up_the_wait_ends_in_time(join: Join) -> None:
    here = await join()
    async with asyncio.timeout(5):
        await here.wait(WORK, 0.01)


def test_every_kind_of_work_has_one_role() -> None:
    """Work of no role would wake nobody in another process."""
    assert not WORKER_KINDS & EXECUTOR_KINDS
    assert set(PRIORITY) == WORKER_KINDS | EXECUTOR_KINDS
