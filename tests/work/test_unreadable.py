"""A job that this version of the program cannot read is left for one that can, and then ends visibly like any other."""

from __future__ import annotations

from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import jobs
from bot.service.triaging import buried, triage_id
from bot.tasks import Claimed, ExecuteProposal, PostCard, Task, TellChannel, TriageTicket
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from graphs.model import Approved, OutboxState, Proposal, TriageState, Withdrawn
from tests.builders import ON_DUTY, a_proposal, a_ref

KINDS = ("triage_ticket", "post_card", "execute_proposal", "tell_channel")


async def _never(job: Claimed) -> None:
    raise AssertionError(f"{job.kind} was handled, and nobody could read it")


def _worker(record: Record) -> Worker:
    return Worker(record, InProcess(), dict.fromkeys(KINDS, _never), buried, Pace())


async def _add(record: Record, task: Task) -> None:
    async with record.begin() as tx:
        await tx.jobs.add(task, ticket=a_ref().key)
    async with record.engine.begin() as connection:
        await connection.execute(update(jobs).where(jobs.c.kind == task.kind).values(body='{"kind":"of tomorrow"}'))


async def _tried(record: Record, kind: str) -> Claimed:
    """One try, by a worker that comes by in time."""
    async with record.begin() as tx:
        job = await tx.jobs.claim([kind], "worker", 60_000)
    assert job is not None
    await _worker(record).work(job)
    async with record.engine.begin() as connection:
        await connection.execute(update(jobs).where(jobs.c.state == "ready").values(run_at=0))
    return job


async def _proposed(record: Record, *, approved: bool) -> Proposal:
    proposal = a_proposal("proposal-1", "triage-1", target=a_ref())
    async with record.begin() as tx:
        await tx.triages.begin(proposal.triage, proposal.target, "opened")
        await tx.proposals.add(proposal)
        await tx.triages.move(proposal.triage, TriageState.QUEUED, TriageState.AWAITING)
        if approved:
            await tx.proposals.decide(proposal, Approved(by=ON_DUTY, at=await tx.now()))
            await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.APPLYING)
            await tx.outbox.add(proposal)
    return proposal


async def test_an_unread_triage_fails_visibly(record: Record) -> None:
    await _add(record, TriageTicket(ref=a_ref(), why="opened"))
    first = await _tried(record, "triage_ticket")
    triage = triage_id(a_ref().key, first)
    async with record.begin() as tx:
        await tx.triages.begin(triage, a_ref(), "opened by the version that can read it")
    for _ in range(4):
        await _tried(record, "triage_ticket")
    async with record.read() as tx:
        assert (await tx.triages.get(triage)).state is TriageState.FAILED
    assert "acme/assistant#12" in await _told(record)


async def test_an_unread_execution_ends_what_was_to_be_written(record: Record) -> None:
    proposal = await _proposed(record, approved=True)
    await _add(record, ExecuteProposal(proposal=proposal.id))
    for _ in range(5):
        await _tried(record, "execute_proposal")
    async with record.read() as tx:
        assert {row.state for row in await tx.outbox.of(proposal.id)} == {OutboxState.FAILED}
        assert (await tx.triages.get(proposal.triage)).state is TriageState.FAILED
    assert "execute_proposal" in await _told(record)


async def test_an_unread_card_takes_its_proposal_back(record: Record) -> None:
    proposal = await _proposed(record, approved=False)
    await _add(record, PostCard(triage=proposal.triage))
    for _ in range(5):
        await _tried(record, "post_card")
    async with record.read() as tx:
        assert isinstance(await tx.proposals.decision(proposal.id), Withdrawn)
    assert "post_card" in await _told(record)


async def test_an_older_worker_leaves_the_job_for_a_newer_one(record: Record) -> None:
    """It does not come back at once, so that a program that can read it gets it first."""
    await _add(record, TriageTicket(ref=a_ref(), why="opened"))
    async with record.begin() as tx:
        job = await tx.jobs.claim(["triage_ticket"], "old", 60_000)
    assert job is not None
    await _worker(record).work(job)
    async with record.read() as tx:
        [left] = await tx.operating.jobs()
    assert (left.state, left.attempts) == ("ready", 1)
    assert left.due_in_ms > 10_000
    assert await _told(record) == ""


async def _told(record: Record) -> str:
    """What the channel is told once the job is a dead letter."""
    async with record.begin() as tx:
        notice = await tx.jobs.claim(["tell_channel"], "tests", 60_000)
        dead = await tx.jobs.dead()
    if notice is None:
        return ""
    assert isinstance(notice.task, TellChannel)
    assert len(dead) == 1
    assert "cannot be read" in notice.task.text
    return notice.task.text
