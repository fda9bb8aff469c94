"""Puts a waiting card off, and brings it back at the right hour.

The proposal stays as it is, and whoever wants to may decide it meanwhile. What is left of its time is left when it is
back. Owns the work that goes with it; the gate judges.
"""

from __future__ import annotations

from bot.record.record import Record, Transaction
from bot.record.snoozes import Snooze
from bot.service.judging import Rules, audit, judge, refused
from bot.service.when import snoozed_until
from bot.slack.blocks import answers
from bot.slack.blocks.elements import when
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from bot.tasks import Claimed, RefreshCard, WakeCard
from graphs.acts import Action
from graphs.calendar import Calendar
from graphs.model import Actor, Millis, Proposal

LONGEST_MS = 30 * 86_400_000
HINT = "Say `1h`, `3d`, `tomorrow`, `monday` or a day such as `2030-01-07`, at most 30 days ahead."


class Snoozing:
    def __init__(self, rules: Rules, calendar: Calendar) -> None:
        self._rules = rules
        self._calendar = calendar

    async def put_off(self, tx: Transaction, actor: Actor, proposal: Proposal, said: str) -> Message:
        """`said`: until when, in the words of `bot.service.when`."""
        judged = await judge(tx, self._rules, actor, Action.SNOOZE, proposal)
        if not judged.permission.allowed:
            return await refused(tx, self._rules, actor, Action.SNOOZE, proposal, judged)
        until = snoozed_until(said, judged.now, actor.user, self._calendar)
        if until is None or until - judged.now > LONGEST_MS:
            return answers.said(f"I do not understand “{mrkdwn(said, 40)}” as a time. {HINT}")
        left = Millis(max(judged.due_at - judged.now, 0))
        snooze = Snooze(proposal=proposal.id, until=until, due_at=Millis(until + left), by=actor.user)
        await tx.snoozes.put(snooze)
        ticket = proposal.target.key
        wake = WakeCard(proposal=proposal.id, until=until)
        await tx.jobs.add(wake, ticket=ticket, delay_ms=until - judged.now)
        await tx.jobs.add(RefreshCard(triage=proposal.triage), ticket=ticket)
        await audit(tx, actor, Action.SNOOZE, proposal, "snoozed", judged.permission)
        return answers.said(f"{mrkdwn(proposal.target.short)} comes back {when(until)}.")


async def wake(record: Record, job: Claimed) -> None:
    """The card is back in the queue, unless it was decided or put off anew."""
    assert isinstance(job.task, WakeCard)
    async with record.begin(job) as tx:
        proposal = await tx.proposals.get(job.task.proposal)
        if proposal and await tx.snoozes.wake(proposal.id, job.task.until):
            await tx.jobs.add(RefreshCard(triage=proposal.triage), ticket=job.ticket)
        await tx.jobs.finish(job)
