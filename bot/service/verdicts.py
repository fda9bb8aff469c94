"""A person decided: approve, edit or reject. The gate judges, one transaction makes the decision and its work.

The click was stored before Slack got its answer; this is what a worker does with it afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.crash import reached
from bot.record.lessons import Verdict as LayerVerdict
from bot.record.lessons import verdict_on
from bot.record.record import Record, Transaction
from bot.service.desk import Desk
from bot.service.editing import Editing
from bot.service.people import People
from bot.service.undoing import Undoing
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.errors import SlackRefused
from bot.slack.escape import one_line
from bot.slack.ids import INSTEAD, CardKey
from bot.slack.ids import Action as Button
from bot.slack.payloads import (
    Click,
    EditForm,
    Home,
    RejectForm,
    Submission,
    is_stranger,
    parse_click,
    parse_submission,
)
from bot.slack.shapes import PayloadError
from bot.tasks import Claimed, ExecuteProposal, RefreshCard, TakeVerdict
from bot.work.following import after_decision
from graphs.acts import Action, human
from graphs.answers import Screened
from graphs.approvers import Approvers
from graphs.errors import Outage, RateLimited
from graphs.model import (
    Actor,
    Analysis,
    Approved,
    Decision,
    Digest,
    Edited,
    Login,
    Millis,
    Proposal,
    ProposalId,
    Rejected,
    SlackUserId,
    TriageState,
)
from graphs.ports import Gatekeeper, Permission
from graphs.state import Step


@dataclass(frozen=True)
class Rules:
    gate: Gatekeeper
    approvers: Approvers
    who_can: Callable[[], tuple[SlackUserId, ...]]
    """Whom a refusal names."""
    paused: Callable[[], bool]


@dataclass(frozen=True)
class Instead:
    """Another layer, chosen with one press: the proposal's alternative of this number."""

    number: int


@dataclass(frozen=True)
class Undo:
    """What was written is to be taken back."""


@dataclass(frozen=True)
class _Verdict:
    """One click or form, understood."""

    job: Claimed
    actor: Actor
    proposal: ProposalId
    action: Action
    form: EditForm | RejectForm | Instead | Undo | None
    channel: str


class Verdicts:
    def __init__(
        self, record: Record, desk: Desk, people: People, key: CardKey, home: Home, rules: Rules, editing: Editing
    ) -> None:
        self._record = record
        self._desk = desk
        self._people = people
        self._key = key
        self._home = home
        self._rules = rules
        self._editing = editing
        self._undoing = Undoing(rules)

    async def take(self, job: Claimed) -> None:
        assert isinstance(job.task, TakeVerdict)
        async with self._record.read() as tx:
            body: object = json.loads(await tx.inbox.body(job.task.delivery))
        act: Click | Submission = parse_submission(body) if _is_form(body) else parse_click(body)
        proposal = self._key.open(act.value)
        channel = act.channel if isinstance(act, Click) else ""
        if proposal is None:
            await self._whisper(channel, act.by.user, answers.unknown_card())
            return
        actor = await self._people.actor(act.by.user, stranger=is_stranger(act.by, self._home))
        form = act.form if isinstance(act, Submission) else _pressed(act)
        verdict = _Verdict(job, actor, proposal, _action(form), form, channel)
        reached("decision.judging")
        async with self._record.begin(job) as tx:
            reply, channel = await self._decide(tx, verdict)
            await tx.jobs.finish(job)
            reached("decision.uncommitted")
        if reply is None:
            reached("decision.committed")
        else:
            reached("decision.refused")
            await self._whisper(channel, act.by.user, reply)

    async def _decide(self, tx: Transaction, verdict: _Verdict) -> tuple[Message | None, str]:
        """Makes the decision, or says why not: (what the person is told, where)."""
        proposal = await tx.proposals.get(verdict.proposal)
        if proposal is None:
            return answers.unknown_card(), verdict.channel
        card = await tx.cards.get(proposal.triage)
        channel = verdict.channel or (card.channel if card else "")
        if isinstance(verdict.form, Undo):
            return await self._undoing.pressed(tx, verdict.actor, proposal), channel
        decided = await tx.proposals.decision(proposal.id)
        now = await tx.now()
        permission = await self._judge(tx, verdict, proposal, decided, now)
        if not permission.allowed:
            await _audit(tx, verdict, proposal, "decision_refused", permission)
            if decided is not None:
                return answers.already_decided(await _final(tx, decided)), channel
            return answers.may_not(permission.why, self._rules.who_can()), channel
        won = await self._settle(tx, verdict, proposal, now)
        if won is None:
            await _audit(tx, verdict, proposal, "decision_refused", permission)
            return answers.said("Nothing was written: this change would set nothing new. Please look again."), channel
        seq = await _audit(tx, verdict, proposal, str(won.status), permission, won.digest)
        await self._learn(tx, proposal, won, verdict.actor.user, seq)
        return None, channel

    async def _learn(self, tx: Transaction, proposal: Proposal, won: _Settled, by: SlackUserId, seq: int) -> None:
        """What the gate let this person decide teaches, from this commit on."""
        stored = await tx.triages.recall(proposal.triage, Step.ANALYSE)
        scores = Analysis.model_validate_json(stored).layer_scores if stored else {}
        await tx.lessons.add(proposal, won.verdict, by, scores.get(proposal.layer, 0.0), seq)

    async def _judge(
        self, tx: Transaction, verdict: _Verdict, proposal: Proposal, decided: Decision | None, now: Millis
    ) -> Permission:
        screened = await tx.triages.recall(proposal.triage, Step.SCREEN)
        author = Screened.model_validate_json(screened).ticket.author if screened else Login("")
        context = self._rules.approvers.deciding(
            verdict.actor,
            proposal,
            author=author,
            decided=decided is not None,
            now=now,
            kill_switch=self._rules.paused(),
        )
        return self._rules.gate.check(human(verdict.actor.user), verdict.action, proposal.target, context)

    async def _settle(self, tx: Transaction, verdict: _Verdict, proposal: Proposal, now: Millis) -> _Settled | None:
        """Decision and work in one go; None when somebody else was quicker."""
        user = verdict.actor.user
        match verdict.form:
            case None:
                return await _approve(tx, proposal, Approved(by=user, at=now))
            case RejectForm(reason=reason, note=note):
                named = self._editing.named(verdict.form)
                rejected = Rejected(by=user, at=now, reason=reason, note=self._editing.redacted(note), layer=named)
                if not await tx.proposals.decide(proposal, rejected):
                    return None
                await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.CLOSED, "rejected")
                await after_decision(tx, proposal)
                return _Settled("rejected", proposal.digest, verdict_on(proposal, rejected, None))
            case EditForm() | Instead() as form:
                edited = await self._edited(tx, proposal, form, user, now)
                if edited is None or not await tx.proposals.add(edited):
                    return None
                why = self._editing.redacted(form.note) if isinstance(form, EditForm) else ""
                decision = Edited(by=user, at=now, proposal=edited.id, note=why)
                if not await tx.proposals.decide(proposal, decision):
                    raise AssertionError("the decision was free a moment ago, in this transaction")
                await _approve(tx, edited, Approved(by=user, at=now))
                return _Settled("edited", edited.digest, verdict_on(proposal, decision, edited))
            case Undo():
                raise AssertionError("an undo decides about no waiting proposal")

    async def _edited(
        self, tx: Transaction, proposal: Proposal, form: EditForm | Instead, user: SlackUserId, now: Millis
    ) -> Proposal | None:
        if isinstance(form, Instead):
            return self._editing.alternative(proposal, form.number, user, now)
        return await self._editing.proposal(tx, proposal, form, user, now)

    async def _whisper(self, channel: str, user: SlackUserId, message: Message) -> None:
        """Tells one person; when that fails nothing is lost, the card says it too."""
        if not channel:
            return
        try:
            await self._desk.whisper(channel, user, message)
        except (SlackRefused, RateLimited, Outage):
            return


@dataclass(frozen=True)
class _Settled:
    status: str
    digest: Digest
    verdict: LayerVerdict


def _pressed(click: Click) -> Instead | Undo | None:
    """Undo, or which alternative was pressed; None for Approve. Raises `PayloadError` for what decides nothing."""
    if click.action_id == Button.UNDO:
        return Undo()
    if click.action_id == Button.APPROVE:
        return None
    for number, one in enumerate(INSTEAD):
        if click.action_id == one:
            return Instead(number)
    raise PayloadError(f"button press: {one_line(click.action_id, 40)} decides nothing")


def _action(form: EditForm | RejectForm | Instead | Undo | None) -> Action:
    match form:
        case None:
            return Action.APPROVE
        case EditForm() | Instead():
            return Action.EDIT
        case RejectForm():
            return Action.REJECT
        case Undo():
            return Action.UNDO


def _is_form(body: object) -> bool:
    return isinstance(body, dict) and body.get("type") == "view_submission"


async def _approve(tx: Transaction, proposal: Proposal, decision: Approved) -> _Settled | None:
    if not await tx.proposals.decide(proposal, decision):
        return None
    ticket = proposal.target.key
    await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.APPLYING)
    await tx.outbox.add(proposal)
    await tx.jobs.add(ExecuteProposal(proposal=proposal.id), ticket=ticket, key=f"execute:{proposal.id}")
    await tx.jobs.add(RefreshCard(triage=proposal.triage), ticket=ticket)
    return _Settled("approved", proposal.digest, verdict_on(proposal, decision, None))


async def _final(tx: Transaction, decision: Decision) -> Decision:
    """An edit is told as what it became."""
    if isinstance(decision, Edited):
        return await tx.proposals.decision(decision.proposal) or decision
    return decision


async def _audit(
    tx: Transaction,
    verdict: _Verdict,
    proposal: Proposal,
    action: str,
    permission: Permission,
    digest: Digest | None = None,
) -> int:
    return await tx.audit.append(
        f"human:{verdict.actor.user}",
        action,
        proposal.target.key,
        proposal=proposal.id,
        digest=digest or proposal.digest,
        asked_for=verdict.action,
        policies=",".join(permission.policies),
        policy_version=permission.policy_version,
        why=permission.why,
    )
