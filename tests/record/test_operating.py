"""What an operator does to jobs: each act is done to a job in the right state, or refused with a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.record.operating import NotPossible, Operating
from bot.record.record import Record
from bot.record.states import LeaseLost
from bot.tasks import Claimed
from tests.builders import a_ref
from tests.record.seeds import MINUTE, add_jobs, claim, claimed, to_execute, to_refresh, to_triage


async def _dead(record: Record, why: str = "no more") -> Claimed:
    job = await claimed(record)
    async with record.begin(job) as tx:
        await tx.jobs.bury(job, why)
    return job


async def test_jobs_are_listed_newest_first_by_state_and_kind(record: Record) -> None:
    await add_jobs(record, to_triage(a_ref(1)), to_refresh(), to_triage(a_ref(2)))
    async with record.begin() as tx:
        await tx.jobs.add(to_triage(a_ref(3)), ticket=a_ref(3).key, delay_ms=MINUTE)
    at_work = await claimed(record, "worker-1")
    async with record.read() as tx:
        everything = await tx.operating.jobs()
        assert [one.id for one in everything] == sorted((one.id for one in everything), reverse=True)
        assert [one.id for one in await tx.operating.jobs(limit=1)] == [everything[0].id]
        assert [one.lease_owner for one in await tx.operating.jobs(state="leased")] == ["worker-1"]
        assert [one.id for one in await tx.operating.jobs(kind="refresh_card")] == [at_work.id]
        waits = [one.ticket for one in await tx.operating.jobs(state="ready", kind="triage_ticket") if one.due_in_ms]
        assert waits == [a_ref(3).key]
        assert await tx.operating.counts() == {"ready": 3, "leased": 1, "dead": 0, "done": 0}


async def test_a_dead_letter_that_is_tried_again_has_all_its_attempts(record: Record) -> None:
    await add_jobs(record, to_triage())
    dead = await _dead(record)
    async with record.begin() as tx:
        await tx.operating.retry(dead.id)
        assert tx.jobs.added == ["triage_ticket"], "its workers are woken after the commit"
    again = await claimed(record)
    assert (again.id, again.attempts, again.retried) == (dead.id, 1, 1)
    assert again.fence > dead.fence
    with pytest.raises(LeaseLost):
        async with record.begin(dead):
            pytest.fail("the worker that gave it up writes")


async def test_a_dropped_job_is_a_dead_letter_that_nobody_gave_up(record: Record) -> None:
    await add_jobs(record, to_triage(), to_refresh())
    lost = await claimed(record, lease_ms=-1)
    async with record.begin() as tx:
        await tx.jobs.claim(["execute_proposal"], "w", MINUTE)  # ends the lease
        ended = await tx.operating.drop(lost.id, "nobody wants it")
    assert ended is not None
    assert (ended.id, ended.task, ended.kind) == (lost.id, to_refresh(), "refresh_card")
    assert ended.fence > lost.fence
    with pytest.raises(LeaseLost):
        async with record.begin(lost):
            pytest.fail("a worker writes for a job that was dropped")
    async with record.read() as tx:
        assert (await tx.operating.get(lost.id)).error == "dropped: nobody wants it"
        assert await tx.operating.given_up() == []


async def test_dropping_a_dead_letter_ends_nothing_again(record: Record) -> None:
    await add_jobs(record, to_triage(), to_refresh())
    first, second = await _dead(record), await _dead(record)
    async with record.begin() as tx:
        assert await tx.operating.given_up() == [second.id, first.id]
        assert await tx.operating.given_up("refresh_card") == [first.id]
        assert await tx.operating.drop(first.id, "seen") is None
        assert await tx.operating.given_up() == [second.id]
        await tx.operating.retry(first.id)
    assert (await claimed(record)).id == first.id


Act = Callable[[Operating, int], Awaitable[object]]
RETRY: Act = lambda operating, job: operating.retry(job)  # noqa: E731  # a table reads best in lines
DROP: Act = lambda operating, job: operating.drop(job, "why")  # noqa: E731  # the same


@pytest.mark.parametrize(
    ("act", "state"), [(RETRY, "ready"), (RETRY, "leased"), (RETRY, "done"), (DROP, "leased"), (DROP, "done")]
)
async def test_what_cannot_be_done_is_refused_with_the_reason(record: Record, act: Act, state: str) -> None:
    await add_jobs(record, to_execute())
    job = await claimed(record)
    if state != "leased":
        async with record.begin(job) as tx:
            await (tx.jobs.finish(job) if state == "done" else tx.jobs.give_back(job, 0, "", penalty=False))
    with pytest.raises(NotPossible, match=f"job {job.id} is {state}"):
        async with record.begin() as tx:
            await act(tx.operating, job.id)
    assert (await claim(record) is not None) == (state == "ready")


@pytest.mark.parametrize("act", [RETRY, DROP])
async def test_a_job_that_is_not_there(record: Record, act: Act) -> None:
    with pytest.raises(NotPossible, match="there is no job 99"):
        async with record.begin() as tx:
            await act(tx.operating, 99)
