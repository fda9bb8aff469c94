"""Asks the gate whether a person may do something about a waiting card, and keeps what it said.

Owns the circumstances of the question, read in the caller's transaction, and the words of a refusal. Must not act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.record.record import Transaction
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from graphs.acts import Action, human
from graphs.answers import Screened
from graphs.approvers import Approvers
from graphs.model import Actor, Analysis, Decision, Digest, Edited, Login, Millis, Proposal, Risk, SlackUserId
from graphs.ports import Gatekeeper, Permission
from graphs.state import Step

SECOND = "people-second"
"""The rule that asks for a second approver."""


@dataclass(frozen=True)
class Rules:
    gate: Gatekeeper
    approvers: Approvers
    who_can: Callable[[], tuple[SlackUserId, ...]]
    """Whom a refusal names."""
    paused: Callable[[], bool]


@dataclass(frozen=True)
class Judged:
    permission: Permission
    decided: Decision | None
    now: Millis
    due_at: Millis
    """When nobody may decide any more."""
    formal: bool
    """Two people have to approve."""
    first: SlackUserId | None
    """Who has approved already, where two have to."""


async def judge(tx: Transaction, rules: Rules, actor: Actor, action: Action, proposal: Proposal) -> Judged:
    decided, now = await tx.proposals.decision(proposal.id), await tx.now()
    due_at = await tx.snoozes.due(proposal)
    risky, first = bool(await risks_of(tx, proposal)), await tx.consents.first(proposal.id)
    context = rules.approvers.deciding(
        actor,
        proposal,
        author=await author_of(tx, proposal),
        decided=decided is not None,
        now=now,
        due_at=due_at,
        kill_switch=rules.paused(),
        risky=risky,
        first=first,
    )
    permission = rules.gate.check(human(actor.user), action, proposal.target, context)
    return Judged(permission, decided, now, due_at, rules.approvers.is_formal(risky=risky), first)


async def risks_of(tx: Transaction, proposal: Proposal) -> tuple[Risk, ...]:
    """What a mistake would touch, by the engine's analysis; none where its answer is gone."""
    stored = await tx.triages.recall(proposal.triage, Step.ANALYSE)
    return Analysis.model_validate_json(stored).risks if stored else ()


async def author_of(tx: Transaction, proposal: Proposal) -> Login:
    """Who filed the ticket; empty where its text is gone."""
    screened = await tx.triages.recall(proposal.triage, Step.SCREEN)
    return Screened.model_validate_json(screened).ticket.author if screened else Login("")


async def refused(
    tx: Transaction, rules: Rules, actor: Actor, action: Action, proposal: Proposal, judged: Judged
) -> Message:
    """Audits the gate's no; what the person is told: somebody was quicker, or why not and who can."""
    await audit(tx, actor, action, proposal, "decision_refused", judged.permission)
    if judged.decided is not None:
        return answers.already_decided(await final(tx, judged.decided))
    can = rules.approvers.seconds(judged.first) if SECOND in judged.permission.policies else rules.who_can()
    return answers.may_not(judged.permission.why, can)


async def final(tx: Transaction, decision: Decision) -> Decision:
    """An edit is told as what it became."""
    if isinstance(decision, Edited):
        return await tx.proposals.decision(decision.proposal) or decision
    return decision


async def audit(
    tx: Transaction,
    actor: Actor,
    asked_for: Action,
    proposal: Proposal,
    what: str,
    permission: Permission,
    digest: Digest | None = None,
) -> int:
    """What a person did or was refused about a card, with what the gate said. Returns the entry's number."""
    return await tx.audit.append(
        f"human:{actor.user}",
        what,
        proposal.target.key,
        proposal=proposal.id,
        digest=digest or proposal.digest,
        asked_for=asked_for,
        policies=",".join(permission.policies),
        policy_version=permission.policy_version,
        why=permission.why,
    )
