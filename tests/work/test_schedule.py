"""Chores: one leader does them, another takes over, and one that fails costs only itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.record.record import Record
from bot.work.schedule import LEASE, Chore, Scheduler


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not there():  # noqa: ASYNC110  # counted elsewhere, nobody tells
            await asyncio.sleep(0.01)


class Counter:
    def __init__(self) -> None:
        self.times = 0

    async def count(self) -> int:
        self.times += 1
        return self.times

    async def fail(self) -> None:
        self.times += 1
        raise RuntimeError("a chore of the tests")


async def test_one_leads_and_the_next_takes_over_when_it_stops(record: Record) -> None:
    mine, theirs = Counter(), Counter()
    first = Scheduler(record, (Chore("count", 0.0, mine.count),), lease_s=0.15)
    second = Scheduler(record, (Chore("count", 0.0, theirs.count),), lease_s=0.15)
    running = asyncio.create_task(first.run())
    await until(lambda: mine.times > 0)
    waiting = asyncio.create_task(second.run())
    await until(lambda: mine.times > 3)
    assert theirs.times == 0
    first.stop()
    await running
    await until(lambda: theirs.times > 0)
    second.stop()
    await waiting
    async with record.begin() as tx:
        assert await tx.leases.take(LEASE, "a third", 1000) == 3


async def test_a_leader_that_dies_is_replaced_after_its_lease(record: Record) -> None:
    async with record.begin() as tx:
        assert await tx.leases.take(LEASE, "dead now", 200) == 1
    mine = Counter()
    scheduler = Scheduler(record, (Chore("count", 0.0, mine.count),), lease_s=0.15)
    running = asyncio.create_task(scheduler.run())
    await until(lambda: mine.times > 0)
    scheduler.stop()
    await running


async def test_a_chore_that_fails_costs_only_itself(record: Record) -> None:
    bad, good = Counter(), Counter()
    chores = (Chore("fail", 0.0, bad.fail), Chore("count", 0.0, good.count))
    scheduler = Scheduler(record, chores, lease_s=0.06)
    running = asyncio.create_task(scheduler.run())
    await until(lambda: bad.times > 1 and good.times > 1)
    scheduler.stop()
    await running


async def test_a_chore_has_its_pace(record: Record) -> None:
    rare, often = Counter(), Counter()
    chores = (Chore("rare", 3600.0, rare.count), Chore("often", 0.0, often.count))
    scheduler = Scheduler(record, chores, lease_s=0.06)
    running = asyncio.create_task(scheduler.run())
    await until(lambda: often.times > 3)
    scheduler.stop()
    await running
    assert rare.times == 1


async def test_a_long_chore_keeps_the_leadership_and_is_left_when_told_to_stop(record: Record) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        await never.wait()

    scheduler = Scheduler(record, (Chore("long", 0.0, long),), lease_s=0.3)
    running = asyncio.create_task(scheduler.run())
    await begun.wait()
    await asyncio.sleep(0.5)  # longer than the lease
    async with record.begin() as tx:
        assert await tx.leases.take(LEASE, "somebody else", 1000) is None
    scheduler.stop()
    await asyncio.wait_for(running, 5)
    async with record.begin() as tx:
        assert await tx.leases.take(LEASE, "somebody else", 1000) is not None
