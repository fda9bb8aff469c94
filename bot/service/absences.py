"""Who said in Slack to be away, from the record. Implements `graphs.ports.Absent`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.record.record import Record, Transaction
from graphs.calendar import Calendar
from graphs.model import Millis, SlackUserId


class RecordAbsences:
    def __init__(self, record: Record, calendar: Calendar) -> None:
        self._record = record
        self._calendar = calendar

    async def now_away(self, now: Millis) -> Mapping[SlackUserId, str]:
        async with self._record.read() as tx:
            return await self.read(tx, self._calendar, now)

    @staticmethod
    async def read(tx: Transaction, calendar: Calendar, now: Millis) -> Mapping[SlackUserId, str]:
        """Each person's day is that of their office."""
        found = await tx.absences.since(calendar.today(now, None))
        return {user: one.last.isoformat() for user, one in found.items() if one.covers(calendar.today(now, user))}
