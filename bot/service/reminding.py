"""Reminds people of a waiting card, in its thread: its owner first, the backup when the time is nearly over.

In working hours only, nobody who is away, and never of a card that was put off. Must not decide anything: a card that
nobody decides expires by itself.
"""

from __future__ import annotations

from bot.record.record import Record, Transaction
from bot.service.cards import Cards
from bot.service.queue import office_of
from bot.service.waiting import add_reminder, reminders
from bot.slack.blocks import answers
from bot.slack.blocks.elements import when
from bot.slack.blocks.message import Message
from bot.slack.escape import mention
from bot.tasks import Claimed, RemindOfCard
from bot.work.pause import is_channel_paused, is_paused
from bot.work.worker import TryAgain
from graphs.calendar import Calendar
from graphs.model import Millis, Proposal, SlackUserId

PAUSED_S = 300.0


class Reminding:
    def __init__(self, record: Record, cards: Cards, calendar: Calendar) -> None:
        self._record = record
        self._cards = cards
        self._calendar = calendar

    async def remind(self, job: Claimed) -> None:
        """Raises `TryAgain` while it is not the time for it."""
        assert isinstance(job.task, RemindOfCard)
        async with self._record.read() as tx:
            proposal = await tx.proposals.get(job.task.proposal)
            if proposal is None or await tx.proposals.decision(proposal.id) is not None:
                return
            due_at = await self._wait(tx, proposal, job.task.number)
            message = await self._message(tx, proposal, due_at, job.task.number)
        if message is not None:
            await self._cards.reply(job, proposal.triage, message)
        async with self._record.begin(job) as tx:
            moments = reminders(proposal, proposal.created_at, due_at, self._calendar)
            await add_reminder(tx, proposal, job.task.number + 1, moments, await tx.now())
            await tx.audit.append("system", "reminded", proposal.target.key, proposal=proposal.id)
            await tx.jobs.finish(job)

    async def _wait(self, tx: Transaction, proposal: Proposal, number: int) -> Millis:
        """Returns the end of the card's time when the moment has come; else raises `TryAgain`."""
        now, snooze = await tx.now(), await tx.snoozes.get(proposal.id)
        due_at = snooze.due_at if snooze else proposal.expires_at
        moments = reminders(proposal, proposal.created_at, due_at, self._calendar)
        at = moments[number] if number < len(moments) else now  # the policy names fewer by now
        asleep = snooze.until if snooze and snooze.until else now
        at = self._calendar.opens(Millis(max(now, at, asleep)), office_of(self._calendar, proposal))
        if now < min(at, due_at):
            raise TryAgain("it is not the time for a reminder", (min(at, due_at) - now) / 1000, penalty=False)
        card = await tx.cards.get(proposal.triage)
        if await is_paused(tx) or (card and await is_channel_paused(tx, card.channel)):
            raise TryAgain("triage is paused", PAUSED_S, penalty=False)
        return due_at

    async def _message(self, tx: Transaction, proposal: Proposal, due_at: Millis, number: int) -> Message | None:
        """None where nobody is there to be reminded, or it is too late."""
        now = await tx.now()
        today = self._calendar.today(now, None)
        away = {user for user, one in (await tx.absences.since(today)).items() if one.covers(today)}
        owner = proposal.owner.slack_user if proposal.owner else None
        asked = owner if owner and owner not in away else self._calendar.on_duty(today, away)
        is_last = number == len(self._calendar.remind_at) - 1
        backup = self._calendar.backup({*away, *([asked] if asked else [])}) if is_last else None
        people = [one for one in (backup, asked) if one]
        if not people or now >= due_at:
            return None
        return answers.said(_words(people, due_at, is_backup=backup is not None))


def _words(people: list[SlackUserId], due_at: Millis, *, is_backup: bool) -> str:
    names = " ".join(mention(one) for one in people)
    if is_backup:
        return f"{names}: nobody has decided this yet. Could one of you? After {when(due_at)} nothing is written."
    return f"{names}: this waits for you until {when(due_at)}. After that nothing is written."
