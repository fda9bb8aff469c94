"""A person takes back what was written. The gate judges; decision and work are made in the caller's transaction.

What is taken back is what the record says Strata has changed, and only that; `bot.executor` does it one member at a
time and leaves alone what people have changed since.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.record.record import Transaction
from bot.service.precedents import forget_lessons
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.blocks.operations import in_words
from bot.slack.escape import mrkdwn
from bot.tasks import ExecuteProposal, RefreshCard
from graphs.acts import Action, human
from graphs.approvers import Approvers
from graphs.model import Actor, Approved, Edited, Operation, OutboxState, Proposal, SlackUserId, TicketRef
from graphs.ports import Gatekeeper
from graphs.undoing import undo_of

UNDONE = "what was written was taken back"
_OPEN = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.UNKNOWN)


class Judging(Protocol):
    @property
    def gate(self) -> Gatekeeper: ...
    @property
    def approvers(self) -> Approvers: ...
    @property
    def who_can(self) -> Callable[[], tuple[SlackUserId, ...]]: ...
    @property
    def paused(self) -> Callable[[], bool]: ...


class Undoing:
    """Undo as people in Slack ask for it."""

    def __init__(self, rules: Judging) -> None:
        self._rules = rules

    async def pressed(self, tx: Transaction, actor: Actor, proposal: Proposal) -> Message | None:
        """By the card's button; None when it is under way, for then the card says so."""
        refusal = await self._refusal(tx, actor, proposal.target)
        if refusal is not None:
            return refusal
        undo = await begin(tx, await _final(tx, proposal), actor.user)
        return None if undo else _nothing()

    async def asked(self, tx: Transaction, actor: Actor, ref: TicketRef) -> Message:
        """By a command, for the newest change set of a ticket."""
        refusal = await self._refusal(tx, actor, ref)
        if refusal is not None:
            return refusal
        written = await tx.proposals.newest_written(ref.key)
        undo = await begin(tx, written, actor.user) if written else None
        if undo is None:
            return _nothing()
        what = "; ".join(in_words(one) for one in undo.operations)
        return answers.said(f"Taking back what I wrote to {mrkdwn(ref.short)}: {mrkdwn(what, 600)}. The card tells.")

    async def _refusal(self, tx: Transaction, actor: Actor, ref: TicketRef) -> Message | None:
        context = self._rules.approvers.undoing(actor, kill_switch=self._rules.paused())
        permission = self._rules.gate.check(human(actor.user), Action.UNDO, ref, context)
        if permission.allowed:
            return None
        await tx.audit.append(
            f"human:{actor.user}",
            "undo_refused",
            ref.key,
            policies=",".join(permission.policies),
            policy_version=permission.policy_version,
            why=permission.why,
        )
        return answers.may_not(permission.why, self._rules.who_can())


async def begin(tx: Transaction, original: Proposal, by: SlackUserId) -> Proposal | None:
    """Stores the undo with its approval and its work; None when nothing is left, or one is under way already."""
    earlier = await tx.proposals.undos(original.id)
    left = await tx.outbox.left(original.id)
    if not left or any([await is_open(tx, one) for one in earlier]):
        return None
    now = await tx.now()
    undo = undo_of(original, left, by, len(earlier), now)
    if not await tx.proposals.add(undo):
        return None
    if not await tx.proposals.decide(undo, Approved(by=by, at=now)):
        raise AssertionError("a proposal that was new a moment ago, in this transaction, has no decision")
    ticket = undo.target.key
    who = f"human:{by}" if by.isalnum() else "operator"
    await forget_lessons(tx, ticket, UNDONE, who)
    await tx.outbox.add(undo)
    await tx.jobs.add(ExecuteProposal(proposal=undo.id), ticket=ticket, key=f"execute:{undo.id}")
    await tx.jobs.add(RefreshCard(triage=undo.triage), ticket=ticket)
    await tx.audit.append(who, "undo_asked", ticket, proposal=undo.id, digest=undo.digest, undoes=original.id, by=by)
    return undo


async def is_open(tx: Transaction, undo: Proposal) -> bool:
    """Whether the executor still works on it."""
    return any(row.state in _OPEN for row in await tx.outbox.of(undo.id))


async def undoable(tx: Transaction, original: Proposal) -> tuple[Operation, ...]:
    """What an undo would do now; nothing while one is under way."""
    earlier = await tx.proposals.undos(original.id)
    left = await tx.outbox.left(original.id)
    if not left or any([await is_open(tx, one) for one in earlier]):
        return ()
    return undo_of(original, left, SlackUserId(""), len(earlier), original.created_at).operations


async def _final(tx: Transaction, proposal: Proposal) -> Proposal:
    """An edit's card is that of what it became."""
    decision = await tx.proposals.decision(proposal.id)
    chosen = await tx.proposals.get(decision.proposal) if isinstance(decision, Edited) else None
    return chosen or proposal


def _nothing() -> Message:
    return answers.said("There is nothing of mine left to take back there, or it is being taken back already.")
