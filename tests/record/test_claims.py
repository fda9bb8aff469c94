"""Who gets which job: urgency before age, one worker for one job, one job at a time for one ticket."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from bot.record.record import Record
from bot.record.tables import jobs
from bot.tasks import PRIORITY, Claimed, ExecuteProposal, TriageTicket, Unreadable
from tests.builders import a_ref
from tests.record.seeds import (
    ALL_KINDS,
    MINUTE,
    add_jobs,
    claim,
    claimed,
    tamper,
    to_execute,
    to_refresh,
    to_triage,
    together,
    tuples,
)


async def _add_for_ticket(record: Record, number: int, *tasks: TriageTicket | ExecuteProposal) -> None:
    async with record.begin() as transaction:
        for task in tasks:
            await transaction.jobs.add(task, ticket=a_ref(number).key)


async def test_a_claim_carries_the_task(record: Record) -> None:
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage(), ticket=a_ref().key)
    job = await claimed(record)
    assert (job.kind, job.ticket, job.task) == ("triage_ticket", a_ref().key, to_triage())
    assert (job.fence, job.attempts) == (1, 1)
    assert await claim(record) is None


async def test_the_urgent_comes_first_then_the_older(record: Record) -> None:
    await add_jobs(record, to_triage(a_ref(1)), to_refresh("one"), to_execute(), to_triage(a_ref(2)), to_refresh("two"))
    order = [(await claimed(record)).task for _ in range(5)]
    assert order == [
        to_execute(),
        to_refresh("one"),
        to_refresh("two"),
        to_triage(a_ref(1)),
        to_triage(a_ref(2)),
    ]


async def test_only_the_kinds_asked_for_are_claimed(record: Record) -> None:
    await add_jobs(record, to_execute(), to_triage())
    async with record.begin() as transaction:
        job = await transaction.jobs.claim({"triage_ticket"}, "worker", MINUTE)
        assert job is not None
        assert job.kind == "triage_ticket"
        assert await transaction.jobs.claim({"triage_ticket"}, "worker", MINUTE) is None
        assert await transaction.jobs.claim((), "worker", MINUTE) is None


async def test_a_delayed_job_waits_for_its_time(record: Record) -> None:
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage(), delay_ms=MINUTE)
        await transaction.jobs.add(to_refresh(), delay_ms=-MINUTE)
    assert (await claimed(record)).kind == "refresh_card"
    assert await claim(record) is None
    await tamper(record, update(jobs).values(run_at=jobs.c.run_at - 2 * MINUTE))
    assert (await claimed(record)).kind == "triage_ticket"


async def test_sixteen_claimers_never_share_a_job(record: Record, rival: Record) -> None:
    await add_jobs(record, *(to_triage(a_ref(number)) for number in range(60)))

    async def work(through: Record, name: str) -> list[int]:
        mine = []
        while (job := await claim(through, name)) is not None:
            mine.append(job.id)
        return mine

    shares = await together(work(through, f"w{n}") for n, through in enumerate((record, rival) * 8))
    taken = [job for share in shares for job in share]
    assert len(taken) == 60
    assert len(set(taken)) == 60


@pytest.mark.parametrize("of_a_ticket", [True, False])
async def test_claims_do_not_wait_for_each_other(record: Record, rival: Record, of_a_ticket: bool) -> None:  # noqa: FBT001  # pytest's
    """Not even for one that never comes to its end: it is passed over, and so is its ticket."""
    if record.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    if of_a_ticket:
        await _add_for_ticket(record, 1, to_triage(a_ref(1)), to_execute())
        await _add_for_ticket(record, 2, to_triage(a_ref(2)))
    else:
        await add_jobs(record, to_triage(a_ref(1)), to_triage(a_ref(2)))
    async with record.begin() as transaction, asyncio.timeout(5):
        first = await transaction.jobs.claim(["triage_ticket"], "one", MINUTE)
        second = await claim(rival, "two")
        assert await claim(rival, "three") is None
    assert first is not None
    assert second is not None
    assert (first.task, second.task) == (to_triage(a_ref(1)), to_triage(a_ref(2)))


async def test_one_ticket_has_one_job_at_a_time(record: Record) -> None:
    await _add_for_ticket(record, 1, to_triage(a_ref(1)), to_execute())
    await _add_for_ticket(record, 2, to_triage(a_ref(2)))
    first = await claimed(record)
    assert first.kind == "execute_proposal"
    assert (await claimed(record)).ticket == a_ref(2).key
    assert await claim(record) is None
    async with record.begin(first) as transaction:
        await transaction.jobs.finish(first)
    assert (await claimed(record)).task == to_triage(a_ref(1))


async def test_one_ticket_is_serial_under_sixteen_claimers(record: Record, rival: Record) -> None:
    for number in range(3):
        await _add_for_ticket(record, number, *(to_triage(a_ref(number)) for _ in range(6)))
    busy: set[str] = set()
    done: list[int] = []

    async def work(through: Record, name: str) -> None:
        while len(done) < 18:
            job = await claim(through, name)
            if job is None:
                await asyncio.sleep(0)
                continue
            assert job.ticket not in busy
            busy.add(str(job.ticket))
            await asyncio.sleep(0)
            busy.remove(str(job.ticket))
            async with through.begin(job) as transaction:
                await transaction.jobs.finish(job)
            done.append(job.id)

    await together(work(through, f"w{n}") for n, through in enumerate((record, rival) * 8))
    assert len(set(done)) == 18


async def test_a_key_is_added_once_for_ever(record: Record, rival: Record) -> None:
    async def add(through: Record) -> bool:
        async with through.begin() as transaction:
            return await transaction.jobs.add(to_triage(), key="triage:12")

    assert sorted(await together(add(through) for through in (record, rival) * 10)) == [False] * 19 + [True]
    job = await claimed(record)
    async with record.begin(job) as transaction:
        await transaction.jobs.finish(job)
    assert not await add(record)


async def test_jobs_without_a_key_do_not_collide(record: Record) -> None:
    await add_jobs(record, to_triage(), to_triage())
    async with record.read() as transaction:
        assert await transaction.jobs.count("ready", "leased") == 2


async def test_a_job_that_cannot_be_read_is_claimed_like_any_other(record: Record) -> None:
    """A job written by a newer program: whoever claims it knows what it is about, and it holds nobody up."""
    await _add_for_ticket(record, 1, to_execute())
    await _add_for_ticket(record, 2, to_triage(a_ref(2)))
    await tamper(record, update(jobs).where(jobs.c.kind == "execute_proposal").values(body='{"kind":"of tomorrow"}'))
    unread = await claimed(record)
    assert (unread.kind, unread.ticket, unread.fence) == ("execute_proposal", a_ref(1).key, 1)
    assert isinstance(unread.task, Unreadable)
    assert "cannot be read" in unread.task.why
    assert (await claimed(record)).task == to_triage(a_ref(2))


async def test_claims_of_a_long_queue_take_the_right_one(record: Record) -> None:
    async with record.begin() as transaction:
        for number in range(200):
            await transaction.jobs.add(to_triage(a_ref(number)), ticket=a_ref(number % 5).key)
        await transaction.jobs.add(to_execute(), delay_ms=-1)
    urgent: Claimed = await claimed(record)
    assert urgent.kind == "execute_proposal"
    tickets = [(await claimed(record)).ticket for _ in range(5)]
    assert sorted(str(one) for one in tickets) == [a_ref(number).key for number in range(5)]
    assert await claim(record) is None


def test_every_kind_used_here_exists() -> None:
    assert set(ALL_KINDS) <= set(PRIORITY)


async def test_a_claim_names_its_worker(record: Record) -> None:
    await add_jobs(record, to_triage())
    await claimed(record, "worker-7")
    assert await tuples(record, select(jobs.c.lease_owner, jobs.c.state)) == [("worker-7", "leased")]


async def test_due_counts_what_is_at_work_or_could_be(record: Record) -> None:
    await add_jobs(record, to_triage(), to_refresh(), to_execute())
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage(), delay_ms=MINUTE)
    done = await claimed(record)
    async with record.begin(done) as transaction:
        await transaction.jobs.finish(done)
    await claimed(record)
    async with record.read() as transaction:
        assert await transaction.jobs.due() == 2
        assert await transaction.jobs.count("ready", "leased", "done") == 4


async def test_a_claim_says_how_old_its_job_is(record: Record) -> None:
    await add_jobs(record, to_triage())
    await tamper(record, update(jobs).values(created_at=jobs.c.created_at - 5 * MINUTE))
    assert (await claimed(record)).age_ms >= 5 * MINUTE
