"""Approves, edits or rejects a waiting card for a person: the gate judges, one transaction makes decision and work.

However it was asked for, by a button, a form or a typed command. Must not read what Slack sends: that is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from bot.record.lessons import Verdict as LayerVerdict
from bot.record.lessons import verdict_on
from bot.record.record import Transaction
from bot.service.editing import Editing
from bot.service.judging import Judged, Rules, audit, judge, refused
from bot.service.waiting import start_waiting
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.payloads import EditForm, RejectForm
from bot.tasks import ExecuteProposal, RefreshCard
from bot.work.following import after_decision
from graphs.acts import Action
from graphs.calendar import Calendar
from graphs.model import (
    Actor,
    Analysis,
    Approved,
    Digest,
    Edited,
    Millis,
    Proposal,
    Rejected,
    SlackUserId,
    TriageState,
)
from graphs.state import Step


@dataclass(frozen=True)
class Approve:
    """Write what the card lists."""


@dataclass(frozen=True)
class Instead:
    """Another layer, chosen with one press: the proposal's alternative of this number."""

    number: int


Choice = Approve | Instead | EditForm | RejectForm


class Deciding:
    def __init__(self, rules: Rules, editing: Editing, calendar: Calendar) -> None:
        self._rules = rules
        self._calendar = calendar
        self._editing = editing

    async def decide(self, tx: Transaction, actor: Actor, proposal: Proposal, choice: Choice) -> Message | None:
        """What the person is told; None when it is decided, for then the card says so."""
        action = _action(choice)
        judged = await judge(tx, self._rules, actor, action, proposal)
        if not judged.permission.allowed:
            return await refused(tx, self._rules, actor, action, proposal, judged)
        if judged.formal and judged.first is None and isinstance(choice, Approve):
            return await self._consent(tx, actor, proposal, judged)
        won = await self._settle(tx, actor.user, proposal, choice, judged)
        if won is None:
            await audit(tx, actor, action, proposal, "decision_refused", judged.permission)
            return answers.said("Nothing was written: this change would set nothing new. Please look again.")
        seq = await audit(tx, actor, action, proposal, won.status, judged.permission, won.digest)
        if proposal.edited_by is None:  # what a person chose is no guess that was right
            await _learn(tx, proposal, won, actor.user, seq)
        return self._first_of_two(actor.user) if won.waits else None

    async def _consent(self, tx: Transaction, actor: Actor, proposal: Proposal, judged: Judged) -> Message:
        """The first of two approvals. It decides nothing yet."""
        if not await tx.consents.give(proposal, actor.user):
            raise AssertionError("nobody had approved it a moment ago, in this transaction")
        await audit(tx, actor, Action.APPROVE, proposal, "first_approval", judged.permission)
        await tx.jobs.add(RefreshCard(triage=proposal.triage), ticket=proposal.target.key)
        return self._first_of_two(actor.user)

    def _first_of_two(self, first: SlackUserId) -> Message:
        return answers.first_of_two(self._rules.approvers.seconds(first))

    async def _settle(
        self, tx: Transaction, user: SlackUserId, proposal: Proposal, choice: Choice, judged: Judged
    ) -> _Settled | None:
        """Decision and work in one go; None when somebody else was quicker."""
        now = judged.now
        match choice:
            case Approve():
                return await _approve(tx, proposal, Approved(by=user, at=now))
            case RejectForm(reason=reason, note=note):
                named = self._editing.named(choice)
                rejected = Rejected(by=user, at=now, reason=reason, note=self._editing.redacted(note), layer=named)
                if not await tx.proposals.decide(proposal, rejected):
                    return None
                await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.CLOSED, "rejected")
                await after_decision(tx, proposal)
                return _Settled("rejected", proposal.digest, verdict_on(proposal, rejected, None))
            case EditForm() | Instead():
                edited = await self._edited(tx, proposal, choice, user, now)
                if edited is None or not await tx.proposals.add(edited):
                    return None
                why = self._editing.redacted(choice.note) if isinstance(choice, EditForm) else ""
                decision = Edited(by=user, at=now, proposal=edited.id, note=why)
                if not await tx.proposals.decide(proposal, decision):
                    raise AssertionError("the decision was free a moment ago, in this transaction")
                if judged.formal:
                    await tx.consents.give(edited, user)
                    await start_waiting(tx, edited, self._calendar)
                    await tx.jobs.add(RefreshCard(triage=edited.triage), ticket=edited.target.key)
                else:
                    await _approve(tx, edited, Approved(by=user, at=now))
                return _Settled("edited", edited.digest, verdict_on(proposal, decision, edited), waits=judged.formal)
        assert_never(choice)

    async def _edited(
        self, tx: Transaction, proposal: Proposal, form: EditForm | Instead, user: SlackUserId, now: Millis
    ) -> Proposal | None:
        if isinstance(form, Instead):
            return self._editing.alternative(proposal, form.number, user, now)
        return await self._editing.proposal(tx, proposal, form, user, now)


@dataclass(frozen=True)
class _Settled:
    status: str
    digest: Digest
    verdict: LayerVerdict
    waits: bool = False
    """For the second of two approvers."""


def _action(choice: Choice) -> Action:
    match choice:
        case Approve():
            return Action.APPROVE
        case EditForm() | Instead():
            return Action.EDIT
        case RejectForm():
            return Action.REJECT


async def _approve(tx: Transaction, proposal: Proposal, decision: Approved) -> _Settled | None:
    if not await tx.proposals.decide(proposal, decision):
        return None
    ticket = proposal.target.key
    await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.APPLYING)
    await tx.outbox.add(proposal)
    await tx.jobs.add(ExecuteProposal(proposal=proposal.id), ticket=ticket, key=f"execute:{proposal.id}")
    await tx.jobs.add(RefreshCard(triage=proposal.triage), ticket=ticket)
    return _Settled("approved", proposal.digest, verdict_on(proposal, decision, None))


async def _learn(tx: Transaction, proposal: Proposal, won: _Settled, by: SlackUserId, seq: int) -> None:
    """What the gate let this person decide teaches, from this commit on."""
    stored = await tx.triages.recall(proposal.triage, Step.ANALYSE)
    scores = Analysis.model_validate_json(stored).layer_scores if stored else {}
    await tx.lessons.add(proposal, won.verdict, by, scores.get(proposal.layer, 0.0), seq)
