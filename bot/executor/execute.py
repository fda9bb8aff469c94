"""Writes an approved proposal to its tracker, one operation at a time, each at most once.

The only holder of write credentials. Before anything is sent: the digest is computed anew, the gate is asked, the
ticket is read. Afterwards the ticket is read back. What a lost reply or a crash left open is resolved by reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import assert_never

from bot.crash import reached
from bot.executor.drift import changes, drift
from bot.executor.leftover import gone, left_alone
from bot.executor.marker import Marker
from bot.executor.operations import action_of, apply, field_of, is_there
from bot.executor.port import TicketWriter
from bot.record.outbox import OutboxRow
from bot.record.record import Record, Transaction
from bot.tasks import Claimed, ExecuteProposal, RefreshCard
from bot.work.following import after_decision
from bot.work.lease import renew
from bot.work.pause import is_paused
from bot.work.worker import TryAgain
from graphs.acts import EXECUTOR, Action, Approval, WriteContext
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import (
    AddLabel,
    Assign,
    Comment,
    InstallId,
    Login,
    Operation,
    OutboxState,
    Proposal,
    ProposalId,
    RemoveComment,
    RemoveLabel,
    Ticket,
    TriageState,
    Unassign,
)
from graphs.ports import Gatekeeper, Permission, Taxonomy
from graphs.proposing import digest_of

PAUSED_S = 15.0


@dataclass(frozen=True)
class Rules:
    """What the executor may rely on beside the record."""

    gate: Gatekeeper
    taxonomy: Taxonomy
    logins: Callable[[Proposal], frozenset[Login]]
    """Accounts of the directory in the proposal's tracker: nobody else is ever assigned."""
    paused: Callable[[], bool]
    approval_max_age_s: int


@dataclass(frozen=True)
class _Order:
    """One approved proposal on its way to the tracker."""

    job: Claimed
    proposal: Proposal
    writer: TicketWriter


class Executor:
    """Handles `ExecuteProposal` jobs."""

    def __init__(self, record: Record, writers: Mapping[InstallId, TicketWriter], marker: Marker, rules: Rules) -> None:
        self._record = record
        self._writers = writers
        self._marker = marker
        self._rules = rules

    async def handle(self, job: Claimed) -> None:
        """Raises `TryAgain`, `RateLimited` or `TrackerUnavailable` for the worker to come back later."""
        assert isinstance(job.task, ExecuteProposal)
        self._stop_if_paused()
        async with self._record.read() as tx:
            proposal = await tx.proposals.get(job.task.proposal)
        assert proposal is not None, "a job is made in the transaction that stores its proposal"
        order = _Order(job, proposal, self._writers[proposal.target.install])
        reached("execution.started")
        await self._write(order)
        async with self._record.begin(job) as tx:
            await _close(tx, order)
        reached("execution.closed")

    async def _write(self, order: _Order) -> None:
        rows = await self._rows(order.proposal.id)
        open_rows = [row for row in rows if row.state.is_open]
        if not open_rows:
            return
        try:
            live = await order.writer.read(order.proposal.target)
        except (TicketGone, TrackerRefused) as error:
            await self._fail(order, open_rows, _outcome(error), str(error))
            return
        untouched = all(row.state is OutboxState.PENDING for row in rows)
        changed = changes(order.proposal, live, self._rules.taxonomy) if untouched else ()
        if changed:
            await self._fail(order, open_rows, "drift", "; ".join(changed))
            return
        for row in open_rows:
            live = await self._one(order, row, live)

    async def _one(self, order: _Order, row: OutboxRow, live: Ticket) -> Ticket:
        """Brings one operation to an end; returns the ticket as it is then."""
        there = await is_there(row, live, order.writer, self._marker) if _readable_now(row) else False
        if row.state is not OutboxState.PENDING and there:
            await self._done(order, row)
            return live
        if there and order.proposal.undoes:
            await self._nothing_left(order, row, live)
            return live
        if there:
            await self._end(order, row, OutboxState.DONE, "already_there", "it was there already")
            return live
        self._stop_if_paused()  # asked again before each write: what is left waits, it does not fail
        refusal = await self._refusal(order, row, live)
        if refusal is not None:
            await self._fail(order, [row], *refusal)
            return live
        return await self._send(order, row)

    def _stop_if_paused(self) -> None:
        if self._rules.paused():
            raise TryAgain("writing is paused", PAUSED_S, penalty=False)

    async def _refusal(self, order: _Order, row: OutboxRow, live: Ticket) -> tuple[str, str] | None:
        """(outcome, words) when this operation must not be sent."""
        rows = await self._rows(order.proposal.id)
        done = [one for one in rows if one.state is OutboxState.DONE]
        if (row.operation,) != order.proposal.operations[row.position : row.position + 1]:
            return "denied", "what was to be written is not what was approved"
        if isinstance(row.operation, Comment) and len(rows) > 1 and not done:
            return "skipped", "nothing else could be set, so no comment was posted"
        changed = drift(row.operation, order.proposal, live, self._rules.taxonomy)
        if changed:
            return "drift", changed
        for action in _actions(row.operation):
            permission = await self._permission(order, row.operation, action, writes=len(done))
            if not permission.allowed:
                async with self._record.begin(order.job) as tx:
                    await tx.audit.append(
                        "executor:main",
                        "write_denied",
                        order.proposal.target.key,
                        operation=action,
                        proposal=order.proposal.id,
                        policies=",".join(permission.policies),
                        policy_version=permission.policy_version,
                    )
                return "denied", permission.why
        return None

    async def _permission(self, order: _Order, operation: Operation, action: Action, writes: int) -> Permission:
        async with self._record.read() as tx:
            decision = await tx.proposals.decision(order.proposal.id)
            recorded = await tx.proposals.decided_digest(order.proposal.id)
            now = await tx.now()
            left = await tx.outbox.left(order.proposal.undoes) if order.proposal.undoes else []
        proposal = order.proposal
        listed = self._listed(operation, proposal, {(one.field, one.value) for one in left})
        approval = Approval.of(decision, proposal, recorded=recorded, now=now)
        context = WriteContext(
            approval=approval,
            action_digest=digest_of(proposal.target, proposal.seen, proposal.operations, proposal.versions),
            kill_switch=self._rules.paused(),
            saw_untrusted=True,
            value_listed=listed,
            writes_so_far=writes,
            max_age_s=self._rules.approval_max_age_s,
        )
        return self._rules.gate.check(EXECUTOR, action, proposal.target, context)

    def _listed(self, operation: Operation, proposal: Proposal, left: Collection[tuple[str, str]]) -> bool:
        """`left`: (field, value) of what the undone proposal has set and what is still there by the record."""
        match operation:
            case AddLabel(label=label):
                return label in self._rules.taxonomy.labels
            case Assign(login=login):
                return login in self._rules.logins(proposal)
            case Comment():
                return True
            case RemoveLabel() | Unassign() | RemoveComment():
                return field_of(operation) in left
        assert_never(operation)

    async def _send(self, order: _Order, row: OutboxRow) -> Ticket:
        ref, writer = order.proposal.target, order.writer
        row = await self._reserve(order, row)
        try:
            if isinstance(row.operation, AddLabel) and row.operation.creates:
                await writer.create_label(ref, row.operation.label)
                reached("label.created")
            await apply(row, ref, writer, self._marker)
            reached("tracker.applied")
            live = await writer.read(ref)
            there = await is_there(row, live, writer, self._marker)
            reached("write.read_back")
        except (TrackerRejected, TrackerRefused, TicketGone) as error:
            await self._fail(order, [row], _outcome(error), str(error))
            return await writer.read(ref)
        except (TrackerUnavailable, RateLimited) as error:
            # The worker comes back after a pause: the request may still be on its way, so reading now is too early.
            await self._end(order, row, OutboxState.UNKNOWN, "unknown", str(error))
            raise
        if there:
            await self._done(order, row)
            reached("operation.done")
        else:
            text = "the tracker accepted it, but it is not there: may this credential write to the project?"
            await self._fail(order, [row], "not_applied", text)
        return live

    async def _reserve(self, order: _Order, row: OutboxRow) -> OutboxRow:
        """The row says sending, under a fresh lease."""
        async with self._record.begin(order.job) as tx:
            if await is_paused(tx):  # the last word, whatever this process remembers
                raise TryAgain("writing is paused", PAUSED_S, penalty=False)
            await tx.outbox.move(row, OutboxState.SENDING, order.job.fence)
            lease = await renew(tx, order.job)
        reached("outbox.sending")
        lease.still_awake()
        return row.model_copy(update={"state": OutboxState.SENDING, "attempt": row.attempt + 1})

    async def _done(self, order: _Order, row: OutboxRow) -> None:
        """The change is ours and on the ticket: remembered as an effect and audited, in one transaction."""
        field, value = field_of(row.operation)
        async with self._record.begin(order.job) as tx:
            await tx.outbox.move(row, OutboxState.DONE, order.job.fence, "applied")
            if order.proposal.undoes:
                await tx.outbox.taken_back(order.proposal.undoes, field, value)
            else:
                await tx.outbox.record_effect(row, order.proposal.target.key, field, value)
            await _audit(tx, order, row, "applied")
            reached("operation.uncommitted")

    async def _nothing_left(self, order: _Order, row: OutboxRow, live: Ticket) -> None:
        """People have changed it since: what they chose stays and is named, and undo is not offered for it again."""
        assert order.proposal.undoes
        kept = await left_alone(row, live, order.writer, self._marker)
        state, outcome = (OutboxState.FAILED, "drift") if kept else (OutboxState.DONE, "already_there")
        async with self._record.begin(order.job) as tx:
            await tx.outbox.move(row, state, order.job.fence, outcome, kept or gone(row, live, self._rules.taxonomy))
            await tx.outbox.taken_back(order.proposal.undoes, *field_of(row.operation))
            await _audit(tx, order, row, outcome)
        reached("operation.settled")

    async def _fail(self, order: _Order, rows: list[OutboxRow], outcome: str, words: str) -> None:
        async with self._record.begin(order.job) as tx:
            for row in rows:
                await tx.outbox.move(row, OutboxState.FAILED, order.job.fence, outcome, words)
                await _audit(tx, order, row, outcome)
        reached("operation.settled")

    async def _end(self, order: _Order, row: OutboxRow, state: OutboxState, outcome: str, words: str) -> None:
        async with self._record.begin(order.job) as tx:
            await tx.outbox.move(row, state, order.job.fence, outcome, words)
            await _audit(tx, order, row, outcome)
        reached("operation.settled")

    async def _rows(self, proposal: ProposalId) -> list[OutboxRow]:
        async with self._record.read() as tx:
            return await tx.outbox.of(proposal)


def _outcome(error: TrackerRejected | TrackerRefused | TicketGone) -> str:
    match error:
        case TrackerRejected():
            return "rejected"
        case TrackerRefused():
            return "refused"
        case TicketGone():
            return "gone"


def _readable_now(row: OutboxRow) -> bool:
    """A comment that was never sent need not be searched for."""
    return row.state is not OutboxState.PENDING or not isinstance(row.operation, Comment)


def _actions(operation: Operation) -> tuple[Action, ...]:
    if isinstance(operation, AddLabel) and operation.creates:
        return Action.CREATE_LABEL, Action.ADD_LABEL
    return (action_of(operation),)


async def _audit(tx: Transaction, order: _Order, row: OutboxRow, outcome: str) -> None:
    field, value = field_of(row.operation)
    await tx.audit.append(
        "executor:main",
        f"{'undo' if order.proposal.undoes else 'write'}_{outcome}",
        order.proposal.target.key,
        proposal=order.proposal.id,
        digest=order.proposal.digest,
        position=str(row.position),
        field=field,
        value=value if field != "comment" else "",
        fence=str(order.job.fence),
    )


async def _close(tx: Transaction, order: _Order) -> None:
    """Everything that could be written is written: the triage ends, the card is brought up to date."""
    triage = await tx.triages.get(order.proposal.triage)
    if triage.state is TriageState.APPLYING and not order.proposal.asks:
        rows = await tx.outbox.of(order.proposal.id)
        failed = [row.outcome for row in rows if row.state is OutboxState.FAILED]
        await tx.triages.move(triage.id, TriageState.APPLYING, TriageState.CLOSED, ",".join(failed) or "written")
        await after_decision(tx, order.proposal)
    if order.proposal.undoes or order.proposal.asks:
        await tx.jobs.add(RefreshCard(triage=triage.id), ticket=order.proposal.target.key)
    await tx.jobs.finish(order.job)
