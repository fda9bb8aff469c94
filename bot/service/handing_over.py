"""Passes a waiting card on to another team: the same labels, another owner, and time anew. Nothing is written by it.

A proposal never changes, so the card gets a new one; buttons of the old one decide nothing any more.
"""

from __future__ import annotations

from bot.record.record import Transaction
from bot.service.editing import Editing
from bot.service.judging import Rules, audit, judge, refused
from bot.service.routing import Routes
from bot.service.waiting import start_waiting
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mention, mrkdwn
from bot.slack.payloads import HandOverForm
from bot.tasks import LeaveChannel, PostCard, RefreshCard, TellThread
from graphs.acts import Action
from graphs.calendar import Calendar
from graphs.model import Actor, Proposal, Withdrawn

NOTE_LIMIT = 300


class HandingOver:
    def __init__(self, rules: Rules, editing: Editing, calendar: Calendar, routes: Routes) -> None:
        self._rules = rules
        self._editing = editing
        self._calendar = calendar
        self._routes = routes

    async def pass_on(self, tx: Transaction, actor: Actor, proposal: Proposal, form: HandOverForm) -> Message:
        judged = await judge(tx, self._rules, actor, Action.HAND_OVER, proposal)
        if not judged.permission.allowed:
            return await refused(tx, self._rules, actor, Action.HAND_OVER, proposal, judged)
        new = await self._editing.passed_on(tx, proposal, form.owner, judged.now)
        owner = new.owner if new else None
        if new is None or owner is None:
            return answers.said("It cannot go there: that team is not in owners.yaml, or people have set everything.")
        within_ms = self._rules.approvers.expires_after_ms
        new = new.model_copy(update={"expires_at": self._calendar.due_at(judged.now, within_ms, owner.slack_user)})
        passed_on = Withdrawn(at=judged.now, why=f"passed on to {owner.name}")
        if not (await tx.proposals.add(new) and await tx.proposals.decide(proposal, passed_on)):
            raise AssertionError("it was undecided a moment ago, in this transaction")
        await start_waiting(tx, new, self._calendar)
        ticket = new.target.key
        await self._move(tx, new)
        note = self._editing.redacted(form.note.strip())[:NOTE_LIMIT]
        said = f"{mention(actor.user)} thinks that this is for {mrkdwn(owner.name, 80)}."
        said = f"{mention(owner.slack_user)}: {said}" if owner.slack_user else said
        said = f"{said} “{mrkdwn(note)}”" if note else said
        await tx.jobs.add(TellThread(triage=new.triage, text=said), ticket=ticket)
        await audit(tx, actor, Action.HAND_OVER, new, "passed_on", judged.permission)
        return answers.said(f"{mrkdwn(new.target.short)} goes to {mrkdwn(owner.name, 80)}. Thank you.")

    async def _move(self, tx: Transaction, new: Proposal) -> None:
        """The card goes to the other team's channel; where that is the same one it is drawn anew."""
        ticket, card, channel = new.target.key, await tx.cards.get(new.triage), self._routes.of(new)
        if card is None or card.ts is None or card.channel == channel:
            await tx.jobs.add(RefreshCard(triage=new.triage), ticket=ticket)
            return
        await tx.cards.send_elsewhere(new.triage, channel)
        await tx.jobs.add(LeaveChannel(channel=card.channel, ts=card.ts), ticket=ticket)
        await tx.jobs.add(PostCard(triage=new.triage), ticket=ticket, key=f"post:{new.id}")
