"""A lease that ran out is worth nothing: whoever slept through it writes nothing any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, update

from bot.record.jobs import Jobs
from bot.record.record import Record, Transaction
from bot.record.states import LeaseLost
from bot.record.tables import jobs
from bot.tasks import Claimed
from tests.builders import a_ref
from tests.record.seeds import MINUTE, add_jobs, claim, claimed, rows, tamper, to_execute, to_refresh, to_triage

Act = Callable[[Jobs, Claimed], Awaitable[None]]
ACTS: dict[str, Act] = {
    "hold": lambda repository, job: repository.hold(job),
    "extend": lambda repository, job: repository.extend(job, MINUTE),
    "finish": lambda repository, job: repository.finish(job),
    "give_back": lambda repository, job: repository.give_back(job, 0, "later", penalty=True),
    "bury": lambda repository, job: repository.bury(job, "no more"),
}
ENDS = ("finish", "give_back", "bury")


async def _state(record: Record) -> tuple[object, ...]:
    [row] = await rows(record, select(jobs.c.state, jobs.c.fence, jobs.c.attempts, jobs.c.error, jobs.c.lease_owner))
    return tuple(row)


async def test_a_lease_that_ran_out_is_claimed_again_with_a_higher_fence(record: Record, rival: Record) -> None:
    await add_jobs(record, to_triage())
    first = await claimed(record, "one", lease_ms=-1)
    second = await claimed(rival, "two")
    assert second.id == first.id
    assert second.fence > first.fence
    assert (first.attempts, second.attempts) == (1, 2)
    assert await claim(record) is None


async def test_attempts_are_counted_at_the_claim(record: Record) -> None:
    """A job that kills its worker every time still gets a count that somebody can act on."""
    await add_jobs(record, to_triage())
    jobs_seen = [await claimed(record, lease_ms=-1) for _ in range(7)]
    assert [job.attempts for job in jobs_seen] == [1, 2, 3, 4, 5, 6, 7]
    assert [job.fence for job in jobs_seen] == sorted({job.fence for job in jobs_seen})
    assert jobs_seen[-1].attempts > jobs_seen[-1].max_attempts


@pytest.mark.parametrize("act", ACTS)
async def test_a_stale_worker_is_refused_whatever_it_does(record: Record, rival: Record, act: str) -> None:
    await add_jobs(record, to_triage())
    stale = await claimed(record, "sleeper", lease_ms=-1)
    live = await claimed(rival, "second")
    before = await _state(record)
    with pytest.raises(LeaseLost):
        async with record.begin() as transaction:
            await ACTS[act](transaction.jobs, stale)
    assert await _state(record) == before
    async with rival.begin(live) as transaction:
        await transaction.jobs.finish(live)


async def test_nothing_of_a_stale_workers_transaction_is_written(record: Record) -> None:
    await add_jobs(record, to_triage())
    stale = await claimed(record, lease_ms=-1)
    await claimed(record, "second")

    async def write(transaction: Transaction) -> None:
        await transaction.jobs.add(to_execute())
        await transaction.audit.append("system", "written", "by a stale worker")
        await transaction.jobs.finish(stale)

    with pytest.raises(LeaseLost):
        async with record.begin(stale):
            pytest.fail("a stale worker got a transaction")
    with pytest.raises(LeaseLost):
        async with record.begin() as transaction:
            await write(transaction)
    async with record.read() as transaction:
        assert await transaction.jobs.count("ready") == 0
        assert await transaction.audit.entries() == []


@pytest.mark.parametrize("end", ENDS)
async def test_after_its_end_a_job_is_nobodys(record: Record, end: str) -> None:
    await add_jobs(record, to_triage())
    job = await claimed(record)
    async with record.begin(job) as transaction:
        await ACTS[end](transaction.jobs, job)
    for act in ACTS.values():
        with pytest.raises(LeaseLost):
            async with record.begin() as transaction:
                await act(transaction.jobs, job)


async def test_extending_keeps_others_away(record: Record) -> None:
    await add_jobs(record, to_triage())
    job = await claimed(record, lease_ms=-1)
    async with record.begin() as transaction:
        await transaction.jobs.extend(job, MINUTE)
    assert await claim(record) is None


async def test_giving_back_with_and_without_penalty(record: Record) -> None:
    await add_jobs(record, to_triage())
    job = await claimed(record)
    async with record.begin(job) as transaction:
        await transaction.jobs.give_back(job, 0, "the tracker was away", penalty=True)
    assert await _state(record) == ("ready", 1, 1, "the tracker was away", None)
    job = await claimed(record)
    assert job.attempts == 2
    async with record.begin(job) as transaction:
        await transaction.jobs.give_back(job, 0, "shutting down", penalty=False)
    again = await claimed(record)
    assert again.attempts == 2
    assert again.fence == 3


async def test_what_was_given_back_waits_its_delay(record: Record) -> None:
    await add_jobs(record, to_triage())
    job = await claimed(record)
    async with record.begin(job) as transaction:
        await transaction.jobs.give_back(job, MINUTE, "later", penalty=True)
    assert await claim(record) is None
    await tamper(record, update(jobs).values(run_at=jobs.c.run_at - 2 * MINUTE))
    assert (await claimed(record)).id == job.id


async def test_buried_jobs_are_listed_and_never_claimed(record: Record) -> None:
    await add_jobs(record, to_refresh(), to_triage())
    for error in ("the channel is gone", "no such repository"):
        job = await claimed(record)
        async with record.begin(job) as transaction:
            await transaction.jobs.bury(job, error)
    assert await claim(record) is None
    async with record.read() as transaction:
        dead = await transaction.jobs.dead()
        assert await transaction.jobs.count("dead") == 2
    assert [(kind, error) for _, kind, error in dead] == [
        ("refresh_card", "the channel is gone"),
        ("triage_ticket", "no such repository"),
    ]


async def test_an_error_may_hold_any_text(record: Record) -> None:
    await add_jobs(record, to_triage())
    job = await claimed(record)
    async with record.begin(job) as transaction:
        await transaction.jobs.bury(job, "half \ud83d and \x00")
    async with record.read() as transaction:
        assert [error for _, _, error in await transaction.jobs.dead()] == ["half \ufffd and \ufffd"]


async def test_a_claim_takes_the_ticket_away_from_a_sleeper(record: Record, rival: Record) -> None:
    """One ticket, two jobs: when the first one's lease runs out and the second is claimed, the first must stop."""
    async with record.begin() as transaction:
        await transaction.jobs.add(to_execute(), ticket=a_ref().key)
    sleeper = await claimed(record, "sleeper", lease_ms=-1)
    async with rival.begin() as transaction:
        await transaction.jobs.add(to_triage(), ticket=a_ref().key)
        live = await transaction.jobs.claim(["triage_ticket"], "second", MINUTE)
    assert live is not None
    with pytest.raises(LeaseLost):
        async with record.begin(sleeper):
            pytest.fail("two workers write about one ticket")
    assert await claim(record) is None
    async with rival.begin(live) as transaction:
        await transaction.jobs.finish(live)
    assert (await claimed(record)).fence > sleeper.fence


async def test_a_job_that_ends_while_it_is_being_claimed_is_not_done_twice(record: Record, rival: Record) -> None:
    """The lease runs out in the middle of the transaction that finishes the job."""
    await add_jobs(record, to_triage())
    job = await claimed(record, "slow", lease_ms=-1)
    async with record.begin(job) as transaction:
        await transaction.jobs.finish(job)
        thief = asyncio.create_task(claim(rival, "thief"))
        await _until_waiting(thief)
    assert await thief is None
    async with record.read() as transaction:
        assert await transaction.jobs.count("done") == 1


async def test_a_ticket_does_not_change_hands_during_a_transaction(record: Record, rival: Record) -> None:
    """Its worker is late, but at work: the ticket's next job waits for the end, and here for longer."""
    async with record.begin() as transaction:
        await transaction.jobs.add(to_execute(), ticket=a_ref().key)
    late = await claimed(record, "late", lease_ms=-1)
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage(), ticket=a_ref().key)
    async with record.begin(late) as transaction:
        await transaction.jobs.extend(late, MINUTE)
        next_one = asyncio.create_task(claim(rival, "next"))
        await _until_waiting(next_one)
    assert await next_one is None
    async with record.begin(late) as transaction:
        await transaction.jobs.finish(late)
    assert (await claimed(rival, "next")).task == to_triage()


async def _until_waiting(task: asyncio.Task[Claimed | None]) -> None:
    """Gives the task every chance to go on; it stops where it waits for the open transaction."""
    await asyncio.wait({task}, timeout=0.2)
