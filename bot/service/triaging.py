"""A ticket wants a triage, or lost its need for one: runs the graph, takes proposals back, closes threads."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from bot.crash import reached
from bot.record.record import Record, Transaction
from bot.service.bundling import Bundle
from bot.tasks import (
    Asker,
    Claimed,
    ExecuteProposal,
    ExpireProposal,
    PostCard,
    RefreshCard,
    SettleTriage,
    SweepTicket,
    TellChannel,
    TriageTicket,
    Unreadable,
    WithdrawTicket,
)
from bot.work.following import after_decision
from bot.work.worker import TryAgain
from graphs.errors import Denied, StrataError, TicketGone, TrackerRefused, TrackerRejected
from graphs.model import (
    Decision,
    Expired,
    OutboxState,
    Proposal,
    ProposalId,
    TicketKey,
    TicketRef,
    TriageId,
    TriageState,
    Withdrawn,
)
from graphs.runner import Runner
from graphs.state import Step

PAUSED_S = 15.0
CLOSED = "closed"
"""The one reason for a withdrawal that can be taken back."""
Reply = Callable[[Asker, str], Awaitable[None]]
Closed = Callable[[TicketRef], Awaitable[bool]]
"""Whether a ticket is closed now."""


def triage_id(ticket: TicketKey, job: Claimed) -> TriageId:
    """The same job always means the same triage, however often it is tried, until an operator starts it anew."""
    anew = f"\n{job.retried}" if job.retried else ""
    return TriageId(hashlib.sha256(f"{ticket}\n{job.id}{anew}".encode()).hexdigest()[:32])


class Triaging:
    def __init__(
        self,
        record: Record,
        runner: Runner,
        reply: Reply,
        paused: Callable[[], bool],
        closed: Closed | None = None,
        bundle: Bundle | None = None,
    ) -> None:
        """Without `closed` a delivery's word is taken for it; without `bundle` a sweep may post as it likes."""
        self._record = record
        self._runner = runner
        self._reply = reply
        self._paused = paused
        self._closed = closed
        self._bundle = bundle

    async def triage(self, job: Claimed) -> None:
        task = job.task
        assert isinstance(task, TriageTicket | SweepTicket)
        if self._paused():
            raise TryAgain("triage is paused", PAUSED_S, penalty=False)
        triage = triage_id(task.ref.key, job)
        async with self._record.begin(job) as tx:
            live = await tx.triages.live(task.ref.key)
            if isinstance(task, SweepTicket) and self._bundle and live is None:
                await self._bundle.room(tx)
            started = await tx.triages.begin(triage, task.ref, task.why)
            ended = not started and live is None
            if started and isinstance(task, SweepTicket) and task.prepared:
                await tx.triages.keep(triage, Step.PREPARED, task.prepared.model_dump_json())
        if ended:
            await self._tell_again(triage, task)
            return
        if not started and live != triage:
            await self._tell(task.asker, f"{task.ref.short} is waiting for a decision already.")
            return
        reached("triage.started")
        try:
            closed_too = isinstance(task, SweepTicket) and task.closed_too
            await self._runner.start(triage, task.ref, _ended, closed_too=closed_too)
        except (TicketGone, TrackerRefused, TrackerRejected, Denied) as error:
            if isinstance(error, Denied) and self._paused():
                raise TryAgain("triage was paused", PAUSED_S, penalty=False) from error
            await self._fail(job, triage, task, error)
            return
        reached("triage.waiting")
        await self._tell_end(triage, task)

    async def _tell_again(self, triage: TriageId, task: TriageTicket | SweepTicket) -> None:
        """An earlier try of this job came to its end and may have died before the last of it."""
        async with self._record.read() as tx:
            proposal = await tx.proposals.latest(triage)
        if proposal is None:
            await self._runner.forget(triage)
            await self._tell_end(triage, task)

    async def _tell_end(self, triage: TriageId, task: TriageTicket | SweepTicket) -> None:
        """Tells whoever asked, where there is no card to tell them."""
        async with self._record.read() as tx:
            found = await tx.triages.get(triage)
        match found.state:
            case TriageState.CLOSED:
                await self._tell(task.asker, f"{task.ref.short}: nothing to do, {found.why}.")
            case TriageState.FAILED:
                await self._tell(task.asker, f"I could not triage {task.ref.short}: {found.why}")
            case _:
                return

    async def _fail(self, job: Claimed, triage: TriageId, task: TriageTicket | SweepTicket, error: StrataError) -> None:
        """Ends the triage. Somebody is always told, except of a ticket that is not there any more."""
        why = str(error)
        async with self._record.begin(job) as tx:
            await tx.triages.move(triage, TriageState.QUEUED, TriageState.FAILED, why)
            await tx.audit.append("agent:triage", "triage_failed", task.ref.key, why=why)
            if task.asker is None and not isinstance(error, TicketGone):
                await tx.jobs.add(_needs_a_person(task.ref, why))
        reached("triage.failed")
        await self._tell_end(triage, task)

    async def _tell(self, asker: Asker | None, text: str) -> None:
        if asker and text:
            await self._reply(asker, text)

    async def withdraw(self, job: Claimed) -> None:
        task = job.task
        assert isinstance(task, WithdrawTicket)
        if task.why == CLOSED and self._closed and not await self._closed(task.ref):
            return  # open again: the delivery was overtaken by the one that said so
        reached("withdrawal.judged")
        async with self._record.begin(job) as tx:
            live = await tx.triages.live(task.ref.key)
            proposal = await tx.proposals.latest(live) if live else None
            if proposal is not None:
                await close_undecided(tx, proposal, Withdrawn(at=await tx.now(), why=task.why))
            await tx.jobs.finish(job)
        reached("withdrawal.committed")

    async def expire(self, job: Claimed) -> None:
        assert isinstance(job.task, ExpireProposal)
        async with self._record.begin(job) as tx:
            proposal = await tx.proposals.get(job.task.proposal)
            if proposal is not None:
                await self._still_waits(tx, proposal)
                await close_undecided(tx, proposal, Expired(at=await tx.now()))
            await tx.jobs.finish(job)
        reached("expiry.committed")

    async def _still_waits(self, tx: Transaction, proposal: Proposal) -> None:
        """Raises `TryAgain` for a card that was put off: its time is not over."""
        snooze = await tx.snoozes.get(proposal.id)
        left_ms = snooze.due_at - await tx.now() if snooze else 0
        if left_ms > 0 and await tx.proposals.decision(proposal.id) is None:
            raise TryAgain("it was put off", left_ms / 1000, penalty=False)

    async def settle(self, job: Claimed) -> None:
        """Resumes the graph after the decision was stored, and closes its thread."""
        assert isinstance(job.task, SettleTriage)
        async with self._record.read() as tx:
            decision = await tx.proposals.decision(job.task.proposal)
        assert decision is not None, "a triage is settled after it was decided"
        reached("settle.started")
        await self._runner.resume(job.task.triage, job.task.proposal, decision.status, _ended)
        reached("settle.resumed")


def _ended() -> None:
    reached("thread.ended")


async def close_undecided(tx: Transaction, proposal: Proposal, decision: Decision) -> bool:
    """Ends a waiting proposal without a person; False when it was decided already."""
    if not await tx.proposals.decide(proposal, decision):
        return False
    ticket = proposal.target.key
    await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.CLOSED, decision.status)
    await after_decision(tx, proposal)
    await tx.audit.append("system", decision.status, ticket, proposal=proposal.id, digest=proposal.digest)
    return True


async def buried(tx: Transaction, job: Claimed, why: str) -> None:
    """A job was given up: what depended on it ends visibly, in the same transaction."""
    match job.task:
        case TriageTicket(ref=ref) | SweepTicket(ref=ref):
            await _give_up_triage(tx, job, ref.key, why)
            await tx.jobs.add(_needs_a_person(ref, why))
        case ExecuteProposal(proposal=approved):
            await _give_up_writing(tx, job, approved, why)
        case PostCard(triage=unseen):
            await _give_up_card(tx, unseen)
        case Unreadable():
            await _give_up_unread(tx, job, why)
        case _:
            pass
    await tx.audit.append("system", "job_given_up", job.ticket or f"job:{job.id}", job=job.kind, why=why)


async def _give_up_triage(tx: Transaction, job: Claimed, ticket: TicketKey, why: str) -> None:
    triage = triage_id(ticket, job)
    if await tx.triages.live(ticket) == triage:
        found = await tx.triages.get(triage)
        if found.state is TriageState.QUEUED:
            await tx.triages.move(triage, TriageState.QUEUED, TriageState.FAILED, why)


async def _give_up_card(tx: Transaction, unseen: TriageId) -> None:
    proposal = await tx.proposals.latest(unseen)
    if proposal is not None:
        await close_undecided(tx, proposal, Withdrawn(at=await tx.now(), why="Slack does not take its card"))


async def _give_up_unread(tx: Transaction, job: Claimed, why: str) -> None:
    """Its kind and its ticket are columns of their own: they say what depended on it."""
    ticket = job.ticket
    live = await tx.triages.live(ticket) if ticket else None
    if ticket and live and job.kind in ("triage_ticket", "sweep_ticket"):
        await _give_up_triage(tx, job, ticket, why)
    if live and job.kind == "post_card":
        await _give_up_card(tx, live)
    if live and job.kind == "execute_proposal":
        proposal = await tx.proposals.latest(live)
        assert proposal is not None, "only what was proposed is written"
        await _give_up_writing(tx, job, proposal.id, why)
    about = f" about {ticket.split(':', 2)[-1]}" if ticket else ""
    words = f"I could not do a job ({job.kind}{about}): {why}. It needs a person: `strata jobs list --state dead`."
    await tx.jobs.add(TellChannel(text=words))


async def _give_up_writing(tx: Transaction, job: Claimed, approved: ProposalId, why: str) -> None:
    proposal = await tx.proposals.get(approved)
    assert proposal is not None, "a proposal is stored before its job"
    for row in await tx.outbox.of(proposal.id):
        if row.state not in (OutboxState.DONE, OutboxState.FAILED):
            await tx.outbox.move(row, OutboxState.FAILED, job.fence, "given_up", why)
    triage = await tx.triages.get(proposal.triage)
    if proposal.asks:
        await tx.jobs.add(RefreshCard(triage=triage.id), ticket=proposal.target.key)
        return  # beside it the triage goes its own way
    if triage.state is TriageState.APPLYING:
        await tx.triages.move(triage.id, TriageState.APPLYING, TriageState.FAILED, why)
    await after_decision(tx, proposal)


def _needs_a_person(ref: TicketRef, why: str) -> TellChannel:
    return TellChannel(text=f"I could not triage {ref.short}. It needs a person. ({why})")
