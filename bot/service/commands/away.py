"""`/triage away <dates>` and `/triage back`: when nobody should be proposed or reminded. Everybody for themselves."""

from __future__ import annotations

from bot.record.absences import Away
from bot.service.commands.asking import Asked, Room
from bot.service.when import days_named
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn


async def leave(room: Room, asked: Asked) -> Message:
    user = asked.actor.user
    async with room.record.begin(asked.job) as tx:
        today = room.calendar.today(await tx.now(), user)
        days = days_named(asked.rest, today) if asked.rest else (today, today)
        if days is None:
            return answers.said(
                f"I do not understand “{mrkdwn(asked.rest, 40)}”. Say `/triage away 2030-08-01 to 2030-08-14`, "
                "`away until friday`, `away tomorrow` or `away 3d`."
            )
        first, last = days
        await tx.absences.put(Away(user=user, first=first, last=last))
        await tx.audit.append(f"human:{user}", "away", f"person:{user}", first=str(first), last=str(last))
        await tx.jobs.finish(asked.job)
    until = f"on {first}" if first == last else f"from {first} to {last}"
    return answers.said(f"You are away {until}: no new tickets, no reminders. `/triage back` ends it.")


async def come_back(room: Room, asked: Asked) -> Message:
    user = asked.actor.user
    async with room.record.begin(asked.job) as tx:
        was_away = await tx.absences.end(user)
        if was_away:
            await tx.audit.append(f"human:{user}", "back", f"person:{user}")
        await tx.jobs.finish(asked.job)
    return answers.said("Welcome back." if was_away else "You were not away. Welcome anyway.")
