"""Switches that every process obeys: `all` or `channel:C…` is paused. Who turned it, when and why is kept with it.

The caller audits; this is the present state only.
"""

from __future__ import annotations

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import switches
from graphs.model import Millis, Value


class Switch(Value):
    name: str
    on: bool
    by: str
    why: str
    at: Millis


class Switches:
    """Switch rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def turn(self, name: str, *, on: bool, by: str, why: str) -> bool:
        """Says whether that changed anything: a switch that is so already keeps who turned it, and why."""
        values = {"is_on": on, "by": by, "why": why, "at": StoreNow()}
        turned = await self._db.execute(
            insert_into(self._db, switches)
            .values(name=name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values, where=switches.c.is_on != on)
            .returning(switches.c.name)
        )
        return turned.scalar_one_or_none() is not None

    async def get(self, name: str) -> Switch | None:
        """None when it was never turned."""
        row = (await self._db.execute(select(switches).where(switches.c.name == name))).one_or_none()
        return None if row is None else _switch(row)

    async def all(self) -> list[Switch]:
        """Every switch that was ever turned, by name."""
        return [_switch(row) for row in await self._db.execute(select(switches).order_by(switches.c.name))]


def _switch(row: Row[tuple[object, ...]]) -> Switch:
    return Switch(name=row.name, on=row.is_on, by=row.by, why=row.why, at=row.at)
