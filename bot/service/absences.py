"""Who said in Slack to be away, from the record. Implements `graphs.ports.Absent`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.record.record import Record
from graphs.calendar import Calendar
from graphs.model import Millis, SlackUserId


class RecordAbsences:
    def __init__(self, record: Record, calendar: Calendar) -> None:
        self._record = record
        self._calendar = calendar

    async def now_away(self, now: Millis) -> Mapping[SlackUserId, str]:
        """Each person's day is that of their office."""
        async with self._record.read() as tx:
            found = await tx.absences.since(self._calendar.today(now, None))
        return {
            user: one.last.isoformat() for user, one in found.items() if one.covers(self._calendar.today(now, user))
        }
