"""A person takes back what was written. The gate judges; decision and work are made in the caller's transaction.

What is taken back is what the record says Strata has changed, and only that; `bot.executor` does it one member at a
time and leaves alone what people have changed since.
"""

from __future__ import annotations

from bot.record.record import Transaction
from bot.service.judging import Rules
from bot.service.precedents import forget_lessons
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.blocks.operations import in_words
from bot.slack.escape import mrkdwn
from bot.tasks import ExecuteProposal, RefreshCard
from graphs.acts import Action, human
from graphs.model import Actor, Approved, Edited, Effect, Operation, Proposal, SlackUserId, TicketRef
from graphs.undoing import undo_of

UNDONE = "what was written was taken back"


class Undoing:
    """Undo as people in Slack ask for it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def pressed(self, tx: Transaction, actor: Actor, proposal: Proposal) -> Message | None:
        """By the card's button; None when it is under way, for then the card says so."""
        refusal = await self._refusal(tx, actor, proposal.target)
        if refusal is not None:
            return refusal
        undo = await begin(tx, await _chosen(tx, proposal), actor.user, _named(actor))
        return None if undo else _nothing()

    async def asked(self, tx: Transaction, actor: Actor, ref: TicketRef) -> Message:
        """By a command, for the newest change set of a ticket."""
        refusal = await self._refusal(tx, actor, ref)
        if refusal is not None:
            return refusal
        written = await tx.proposals.newest_written(ref.key)
        undo = await begin(tx, written, actor.user, _named(actor)) if written else None
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
            _named(actor),
            "undo_refused",
            ref.key,
            policies=",".join(permission.policies),
            policy_version=permission.policy_version,
            why=permission.why,
        )
        return answers.may_not(permission.why, self._rules.who_can())


async def begin(tx: Transaction, original: Proposal, by: SlackUserId, actor: str) -> Proposal | None:
    """Stores the undo with its approval and its work; None when nothing is left, or the executor is still at it.

    `actor` is how the audit calls whoever asked.
    """
    attempt, left = await _left(tx, original)
    if not left:
        return None
    now = await tx.now()
    undo = undo_of(original, left, by, attempt, now)
    if not await tx.proposals.add(undo):
        return None
    if not await tx.proposals.decide(undo, Approved(by=by, at=now)):
        raise AssertionError("a proposal that was new a moment ago, in this transaction, has no decision")
    ticket = undo.target.key
    await forget_lessons(tx, ticket, UNDONE, actor)
    await tx.outbox.add(undo)
    await tx.jobs.add(ExecuteProposal(proposal=undo.id), ticket=ticket, key=f"execute:{undo.id}")
    await tx.jobs.add(RefreshCard(triage=undo.triage), ticket=ticket)
    await tx.audit.append(actor, "undo_asked", ticket, proposal=undo.id, digest=undo.digest, undoes=original.id, by=by)
    return undo


async def undoable(tx: Transaction, original: Proposal) -> tuple[Operation, ...]:
    """What an undo would do now."""
    attempt, left = await _left(tx, original)
    return undo_of(original, left, SlackUserId(""), attempt, original.created_at).operations


async def is_open(tx: Transaction, proposal: Proposal) -> bool:
    """Whether the executor still works on it."""
    return any(row.state.is_open for row in await tx.outbox.of(proposal.id))


async def _left(tx: Transaction, original: Proposal) -> tuple[int, list[Effect]]:
    """How often it was undone before, and what is left of it; nothing while it, or an undo of it, is being written."""
    earlier = await tx.proposals.undos(original.id)
    for one in (original, *earlier):
        if await is_open(tx, one):
            return len(earlier), []
    return len(earlier), await tx.outbox.left(original.id)


async def _chosen(tx: Transaction, proposal: Proposal) -> Proposal:
    """An edit's card is that of what it became."""
    decision = await tx.proposals.decision(proposal.id)
    chosen = await tx.proposals.get(decision.proposal) if isinstance(decision, Edited) else None
    return chosen or proposal


def _named(actor: Actor) -> str:
    return f"human:{actor.user}"


def _nothing() -> Message:
    return answers.said("There is nothing of mine left to take back there, or it is being taken back already.")
