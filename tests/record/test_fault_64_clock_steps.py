"""Fault 64: the store's clock is set back by an hour. Nothing waits an hour for it, and no lease is cut short."""

from __future__ import annotations

import pytest

from bot.record.record import Record
from bot.record.states import LeaseLost
from bot.tasks import Claimed
from tests.builders import a_ref
from tests.record.clocks import HOUR, StoreClock, clocked
from tests.record.seeds import MINUTE, add_jobs, claim, claimed, to_execute, to_triage

__all__ = ["clocked"]

Clocked = tuple[Record, StoreClock]


async def _write(record: Record, job: Claimed) -> None:
    async with record.begin(job) as tx:
        await tx.audit.append("system", "wrote", "something")


async def test_fault_64_the_clock_of_these_tests_is_the_stores(clocked: Clocked) -> None:
    record, clock = clocked
    async with record.read() as tx:
        before = await tx.now()
    clock.step(-HOUR)
    async with record.read() as tx:
        assert -HOUR - MINUTE < await tx.now() - before < -HOUR + MINUTE


async def test_fault_64_a_dead_workers_job_comes_back_after_its_lease_and_not_an_hour_later(clocked: Clocked) -> None:
    record, clock = clocked
    await add_jobs(record, to_triage())
    lost = await claimed(record, "dies", lease_ms=MINUTE)
    clock.step(-HOUR)
    assert await claim(record) is None
    clock.step(MINUTE + 1000)
    found = await claimed(record)
    assert (found.id, found.fence) == (lost.id, lost.fence + 1)


async def test_fault_64_a_worker_at_work_keeps_its_whole_lease(clocked: Clocked) -> None:
    """It may be about to send something: its lease ends early for nobody."""
    record, clock = clocked
    await add_jobs(record, to_triage())
    job = await claimed(record, "at work", lease_ms=MINUTE)
    clock.step(-HOUR)
    for _ in range(3):
        assert await claim(record) is None
        clock.step(MINUTE // 4)
    await _write(record, job)
    async with record.begin(job) as tx:
        await tx.jobs.extend(job, MINUTE)
    clock.step(MINUTE // 2)
    assert await claim(record) is None
    async with record.begin(job) as tx:
        await tx.jobs.finish(job)


async def test_fault_64_forth_and_back_again_changes_no_lease(clocked: Clocked) -> None:
    """A wrong step that is taken back: whoever renewed in between has no lease into the far future."""
    record, clock = clocked
    await add_jobs(record, to_triage())
    clock.step(HOUR)
    job = await claimed(record, "dies", lease_ms=MINUTE)
    clock.step(-HOUR)
    assert await claim(record) is None
    clock.step(MINUTE + 1000)
    assert (await claimed(record)).id == job.id


async def test_fault_64_a_pause_before_the_next_try_is_as_long_as_it_was_to_be(clocked: Clocked) -> None:
    record, clock = clocked
    await add_jobs(record, to_triage())
    job = await claimed(record)
    async with record.begin(job) as tx:
        await tx.jobs.give_back(job, MINUTE, "later", penalty=True)
        await tx.jobs.add(to_execute(), ticket=a_ref(2).key, delay_ms=MINUTE)
    clock.step(-HOUR)
    assert await claim(record) is None
    clock.step(MINUTE + 1000)
    assert {(await claimed(record)).kind for _ in range(2)} == {"triage_ticket", "execute_proposal"}


async def test_fault_64_what_is_in_line_is_claimed_at_once_and_in_its_order(clocked: Clocked) -> None:
    record, clock = clocked
    await add_jobs(record, to_triage(a_ref(1)), to_triage(a_ref(2)))
    clock.step(-HOUR)
    await add_jobs(record, to_triage(a_ref(3)))
    assert [(await claimed(record)).task for _ in range(3)] == [to_triage(a_ref(number)) for number in (1, 2, 3)]


async def test_fault_64_a_job_is_never_younger_than_new(clocked: Clocked) -> None:
    record, clock = clocked
    await add_jobs(record, to_triage())
    clock.step(-HOUR)
    assert (await claimed(record)).age_ms == 0


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_fault_64_a_leader_that_died_is_followed_after_its_lease(clocked: Clocked, step: int) -> None:
    record, clock = clocked
    async with record.begin() as tx:
        first = await tx.leases.take("scheduler", "dies", MINUTE)
    clock.step(step)
    if step < 0:
        async with record.begin() as tx:
            assert await tx.leases.take("scheduler", "next", MINUTE) is None
        clock.step(MINUTE + 1000)
    async with record.begin() as tx:
        second = await tx.leases.take("scheduler", "next", MINUTE)
    assert first is not None
    assert second == first + 1
    with pytest.raises(LeaseLost):
        async with record.begin() as tx:
            await tx.leases.hold("scheduler", "dies", first)
