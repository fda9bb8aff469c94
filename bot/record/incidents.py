"""Cards that somebody has reported: what was wrong with them, and whether that has been looked into."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.tables import incidents
from graphs.model import Millis, Proposal, ProposalId, SlackUserId, TicketKey, Value


class Wrong(StrEnum):
    """What somebody found wrong with a card."""

    UNSAFE = "unsafe"
    WRONG = "wrong"
    INVENTED = "invented"
    RUDE = "rude"


class Incident(Value):
    id: int
    proposal: ProposalId
    ticket: TicketKey
    kind: Wrong
    note: str
    by: SlackUserId
    at: Millis
    closed_at: Millis | None


class Incidents:
    """Incident rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def open(self, proposal: Proposal, kind: Wrong, note: str, by: SlackUserId) -> int:
        """Its number. `note` has been redacted."""
        values = {"proposal_id": proposal.id, "ticket_key": proposal.target.key, "kind": kind, "note": note, "by": by}
        added = await self._db.execute(incidents.insert().values(at=StoreNow(), **values).returning(incidents.c.id))
        return int(added.scalar_one())

    async def close(self, number: int) -> bool:
        """False for a number that is unknown or closed already."""
        mine = (incidents.c.id == number, incidents.c.closed_at.is_(None))
        return bool((await self._db.execute(update(incidents).where(*mine).values(closed_at=StoreNow()))).rowcount)

    async def all(self, *, open_only: bool, most: int = 1000) -> list[Incident]:
        """Newest first."""
        query = select(incidents).order_by(incidents.c.id.desc()).limit(most)
        if open_only:
            query = query.where(incidents.c.closed_at.is_(None))
        return [_incident(row) for row in await self._db.execute(query)]


def _incident(row: Row[tuple[object, ...]]) -> Incident:
    return Incident(
        id=row.id,
        proposal=row.proposal_id,
        ticket=row.ticket_key,
        kind=Wrong(row.kind),
        note=row.note,
        by=row.by,
        at=row.at,
        closed_at=row.closed_at,
    )
