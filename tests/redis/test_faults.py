"""Redis breaks in every way it can while work goes on: nothing is lost, nothing is done twice, and it comes back."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable

import pytest
from structlog.testing import capture_logs

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.redis.delivery import RedisDelivery
from bot.work.delivery import InProcess
from tests.redis import processes
from tests.redis.breaking import BREAKS, Break
from tests.redis.conftest import LONG, WORK, Join
from tests.redis.waiting import soon, until
from tests.redis_server import RedisServer

JOBS = 500
NEVER_POLLS = 100.0


def _waits(delivery: RedisDelivery) -> asyncio.Task[None]:
    return asyncio.create_task(delivery.wait(WORK, LONG))


async def _wakes(here: RedisDelivery, there: RedisDelivery) -> None:
    """Until a wake-up crosses from one to the other."""
    waiting = _waits(there)
    while not waiting.done():
        here.wake(["triage_ticket"])
        await asyncio.wait([waiting], timeout=0.05)


@pytest.mark.parametrize("how", BREAKS, ids=lambda one: one.name)
async def test_fault_34_35_work_goes_on_by_polling_and_wake_ups_resume(
    join: Join, server: RedisServer, how: Break
) -> None:
    here, there = await join(), await join()
    async with asyncio.timeout(20):
        await _wakes(here, there)
    how.break_it(server)
    async with asyncio.timeout(10):
        for _ in range(200):
            here.wake(["triage_ticket"] * 10)  # never waits, never fails
        await there.wait(frozenset({"post_card"}), 0.01)  # whatever Redis does, the poll comes in time
    if how.is_seen:
        await until(lambda: here.state().startswith("degraded"))
    how.mend_it(server)
    async with asyncio.timeout(30):
        await _wakes(here, there)
    await until(lambda: here.state() == there.state() == "ok")


async def test_fault_34_wakes_in_this_process_do_not_need_redis(join: Join, server: RedisServer) -> None:
    here = await join()
    server.freeze()
    for _ in range(100):
        waiting = _waits(here)
        await asyncio.sleep(0)
        here.wake(["triage_ticket"])
        await soon(waiting)
    server.thaw()


async def test_fault_36_a_redis_that_takes_two_seconds_for_each_answer_is_not_waited_for(
    join: Join, server: RedisServer
) -> None:
    here = await join()
    with server.admin() as admin, capture_logs() as lines:
        admin.client_pause(2000, all=True)  # whatever is asked now is answered in two seconds
        here.wake(["triage_ticket"])
        await until(lambda: here.state().startswith("degraded"))
        await until(lambda: here.state() == "ok")
    assert sum(line["log_level"] == "warning" for line in lines) <= 1


async def test_fault_34_a_stream_that_was_evicted_is_made_again(join: Join, server: RedisServer) -> None:
    here, there = await join(), await join()
    with server.admin() as admin:
        for _ in range(5):
            async with asyncio.timeout(20):
                await _wakes(here, there)
            admin.delete("strata:test:wake:worker")
    assert here.state() == there.state() == "ok"


@pytest.fixture
async def record(pg_database: str) -> AsyncIterator[Callable[[RedisDelivery | InProcess], Record]]:
    engine = open_engine(pg_database)
    await migrate.upgrade(engine)
    await engine.dispose()
    opened: list[Record] = []

    def on(delivery: RedisDelivery | InProcess) -> Record:
        opened.append(Record(pg_database, delivery))
        return opened[-1]

    yield on
    for one in opened:
        await one.close()


Opens = Callable[[RedisDelivery | InProcess], Record]


async def _carried_by_wake_ups_alone(here: RedisDelivery, book: Record, server: RedisServer, count: int) -> None:
    """Both would poll after minutes only."""
    workers = [await processes.start(book.url, server.url, NEVER_POLLS) for _ in range(2)]
    texts = [f"job-{number}" for number in range(count)]
    for start in range(0, count, 5):
        await processes.order(book, texts[start : start + 5])
    while await processes.undone(book):
        await asyncio.sleep(0.2)
        here.wake(["tell_channel"])  # a job that was given back is due later, and then nobody is told
    await processes.stop(*workers)
    assert sorted(await processes.done(book)) == sorted(texts)


@pytest.mark.parametrize("server", ["6.2"], indirect=True)
async def test_two_processes_share_the_work(join: Join, server: RedisServer, record: Opens) -> None:
    here = await join()
    await _carried_by_wake_ups_alone(here, record(here), server, 40)


@pytest.mark.long
async def test_two_processes_share_much_work(join: Join, server: RedisServer, record: Opens) -> None:
    here = await join()
    await _carried_by_wake_ups_alone(here, record(here), server, JOBS)


async def test_two_processes_share_500_wake_ups(join: Join) -> None:
    """Nobody polls: one wake-up that is lost while somebody is idle leaves work undone."""
    here, *others = [await join() for _ in range(3)]
    waiting, done = deque[int](), list[tuple[int, int]]()

    async def works(number: int, delivery: RedisDelivery) -> None:
        while len(done) < JOBS:
            since = delivery.mark(WORK)
            if waiting:
                done.append((waiting.popleft(), number))
                await asyncio.sleep(random.random() / 200)  # noqa: S311  # as if there was something to do
            else:
                await delivery.wait(WORK, LONG, since)

    working = [asyncio.create_task(works(n, one)) for n, one in enumerate(others) for _ in range(3)]
    for job in range(JOBS):
        waiting.append(job)
        here.wake(["triage_ticket"])
        if job % 7 == 0:
            await asyncio.sleep(random.random() / 50)  # noqa: S311  # now and then all are idle
    await until(lambda: len(done) == JOBS)
    for one in working:
        one.cancel()
    assert sorted(job for job, _ in done) == list(range(JOBS))
    shares = Counter(number for _, number in done)
    assert min(shares.values()) > JOBS // 4, shares


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_fault_34_redis_and_workers_are_killed_under_load(join: Join, server: RedisServer, record: Opens) -> None:
    """Every few hundred milliseconds something dies: Redis, or a worker, or all that Redis knew."""
    seed = random.randrange(2**32)  # noqa: S311  # chooses what to break
    logging.getLogger(__name__).warning("seed %s", seed)  # shown when the test fails
    chance = random.Random(seed)  # noqa: S311
    here = await join()
    book = record(here)
    workers = [await processes.start(book.url, server.url, 1.0) for _ in range(2)]
    texts = [f"job-{number}" for number in range(JOBS)]
    for start in range(0, JOBS, 10):
        await processes.order(book, texts[start : start + 10])
        match chance.randrange(8):
            case 0:
                server.kill()
                await asyncio.sleep(chance.random())
                server.start()
            case 1:
                with server.admin() as admin:
                    admin.flushall()
            case 2:
                server.freeze()
                await asyncio.sleep(chance.random())
                server.thaw()
            case 3:
                await processes.stop(workers.pop(0))
                workers.append(await processes.start(book.url, server.url, 1.0))
            case _:
                await asyncio.sleep(0.05)
    while await processes.undone(book):  # noqa: ASYNC110  # true in other processes
        await asyncio.sleep(0.2)
    await processes.stop(*workers)
    assert sorted(await processes.done(book)) == sorted(texts)
