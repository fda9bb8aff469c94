"""Named leases: one process leads at a time, for example the scheduler.

Judged by the store's clock. The fence grows with each new owner; `hold` refuses whoever was replaced meanwhile, inside
the transaction that it wants to write.
"""

from __future__ import annotations

from sqlalchemy import and_, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.states import LeaseLost
from bot.record.tables import leases


class Leases:
    """Lease rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def take(self, name: str, owner: str, lease_ms: int) -> int | None:
        """Takes the lease if it is free, or renews one's own: its fence. None while somebody else has it."""
        await self._after_a_step_back(name)
        now = StoreNow()
        values = {"owner": owner, "until": now + lease_ms, "since": now}
        first = insert_into(self._db, leases).values(name=name, fence=1, **values)
        free = or_(leases.c.owner.is_(None), leases.c.until < now)
        mine = and_(leases.c.owner.is_not(None), leases.c.owner == owner)
        taken = await self._db.execute(
            first.on_conflict_do_update(
                index_elements=["name"],
                set_={**values, "fence": leases.c.fence + 1},
                where=and_(free, ~mine),
            ).returning(leases.c.fence)
        )
        row = taken.one_or_none()
        if row is not None:
            return int(row.fence)
        renewed = await self._db.execute(
            update(leases).where(leases.c.name == name, mine).values(**values).returning(leases.c.fence)
        )
        row = renewed.one_or_none()
        return None if row is None else int(row.fence)

    async def _after_a_step_back(self, name: str) -> None:
        """A lease that began in the future began before the clock was set back: it lasts as long as it was to."""
        step = leases.c.since - StoreNow()
        await self._db.execute(
            update(leases)
            .where(leases.c.name == name, leases.c.since > StoreNow())
            .values(until=leases.c.until - step, since=leases.c.since - step)
        )

    async def hold(self, name: str, owner: str, fence: int) -> None:
        """Asserts that nobody else took it, and keeps it so until commit. Raises `LeaseLost`."""
        mine = and_(leases.c.name == name, leases.c.owner == owner, leases.c.fence == fence)
        if not (await self._db.execute(update(leases).where(mine).values(owner=owner))).rowcount:
            raise LeaseLost(f"{name} has another owner than {owner}")

    async def release(self, name: str, owner: str) -> None:
        """Lets the next one have it at once; nothing happens when it was lost already."""
        mine = and_(leases.c.name == name, leases.c.owner == owner)
        await self._db.execute(update(leases).where(mine).values(owner=None))
