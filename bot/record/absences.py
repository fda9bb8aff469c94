"""When people said to be away. One stretch of days for each person: saying it anew replaces it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import absences
from graphs.model import SlackUserId, Value


class Away(Value):
    """Days of a person's own calendar, both ends included."""

    user: SlackUserId
    first: date
    last: date

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


class Absences:
    """Absence rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def put(self, away: Away) -> None:
        values = {"first": away.first.isoformat(), "last": away.last.isoformat(), "at": StoreNow()}
        await self._db.execute(
            insert_into(self._db, absences)
            .values(user=away.user, **values)
            .on_conflict_do_update(index_elements=["user"], set_=values)
        )

    async def end(self, user: SlackUserId) -> bool:
        """Says whether there was one."""
        return bool((await self._db.execute(delete(absences).where(absences.c.user == user))).rowcount)

    async def of(self, user: SlackUserId) -> Away | None:
        row = (await self._db.execute(select(absences).where(absences.c.user == user))).one_or_none()
        return None if row is None else _away(row)

    async def since(self, day: date) -> dict[SlackUserId, Away]:
        """Everybody who is away on that day or will be, by person."""
        rows = await self._db.execute(select(absences).where(absences.c.last >= day.isoformat()))
        return {one.user: one for one in map(_away, rows)}


def _away(row: Row[tuple[object, ...]]) -> Away:
    return Away(user=row.user, first=date.fromisoformat(row.first), last=date.fromisoformat(row.last))
