"""When triage duty changes hands: one note to the team, in working hours, with what is waiting."""

from __future__ import annotations

from bot.record.record import Record
from bot.tasks import TellChannel
from graphs.calendar import Calendar


async def hand_over_note(record: Record, calendar: Calendar) -> bool:
    """A chore: says it once for each turn, and nothing where there are no turns."""
    async with record.read() as tx:
        now = await tx.now()
        today = calendar.today(now, None)
        absent = await tx.absences.since(today)
        waiting = await tx.triages.count_waiting()
    turn = calendar.turn(today)
    away = {user for user, one in absent.items() if one.covers(today)}
    who = calendar.on_duty(today, away)
    if turn is None or who is None or calendar.opens(now, calendar.office_of(None)) != now:
        return False
    before = calendar.before(today)
    people = (who, *((before,) if before and before != who else ()))
    cards = "1 card waits" if waiting == 1 else f"{waiting or 'no'} cards wait"
    thanks = " Thank you to whoever hands it over." if len(people) > 1 else ""
    text = f"Triage duty is with the first of you now; {cards}. `/triage next` shows the most urgent one.{thanks}"
    async with record.begin() as tx:
        return await tx.jobs.add(TellChannel(text=text, to=people), key=f"duty:{turn}")
