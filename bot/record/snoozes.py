"""Waiting proposals that a person put off, and until when each proposal waits for its decision.

A proposal never changes: putting it off moves the end of its time, which is kept here.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import snoozes
from graphs.model import Millis, Proposal, ProposalId, SlackUserId, Value


class Snooze(Value):
    proposal: ProposalId
    until: Millis | None
    """None: it is back."""
    due_at: Millis
    """When nobody may decide it any more."""
    by: SlackUserId


class Snoozes:
    """Snooze rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def put(self, snooze: Snooze) -> None:
        """Replaces an earlier one of the same proposal."""
        values = {"until": snooze.until, "due_at": snooze.due_at, "by": snooze.by, "at": StoreNow()}
        await self._db.execute(
            insert_into(self._db, snoozes)
            .values(proposal_id=snooze.proposal, **values)
            .on_conflict_do_update(index_elements=["proposal_id"], set_=values)
        )

    async def get(self, proposal: ProposalId) -> Snooze | None:
        return (await self.of([proposal])).get(proposal)

    async def of(self, proposals: Collection[ProposalId]) -> dict[ProposalId, Snooze]:
        """Those of these proposals that were put off at some time."""
        rows = await self._db.execute(select(snoozes).where(snoozes.c.proposal_id.in_(proposals)))
        return {one.proposal: one for one in map(_snooze, rows)}

    async def wake(self, proposal: ProposalId, until: Millis) -> bool:
        """Ends the snooze that was to last until then; False where it was put off anew, or is back already."""
        mine = (snoozes.c.proposal_id == proposal, snoozes.c.until == until)
        return bool((await self._db.execute(update(snoozes).where(*mine).values(until=None))).rowcount)

    async def due(self, proposal: Proposal) -> Millis:
        """Until when this proposal waits for a decision."""
        snooze = await self.get(proposal.id)
        return snooze.due_at if snooze else proposal.expires_at


def _snooze(row: Row[tuple[object, ...]]) -> Snooze:
    return Snooze(proposal=row.proposal_id, until=row.until, due_at=row.due_at, by=row.by)
