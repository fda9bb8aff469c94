"""Tickets as they were read, in the order in which that was. Reads only: the texts live in `steps` and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.tables import steps
from graphs.model import Millis, TriageId, Value
from graphs.state import Step

_READ = steps.c.name == literal_column(f"'{Step.SCREEN}'")
"""Word for word what the index is made for (`ix_steps_screened`)."""


class SeenRow(Value):
    triage: TriageId
    at: Millis
    screened: str
    """`graphs.answers.Screened` as JSON."""


class Seen:
    """Tickets that were read, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def keys(self, since: Millis, most: int) -> Sequence[tuple[TriageId, Millis]]:
        """(triage, when its ticket was read) of the newest since then, oldest first. An erasure counts as reading."""
        query = select(steps.c.triage_id, steps.c.at).where(_READ, steps.c.at >= since)
        rows = await self._db.execute(query.order_by(steps.c.at.desc(), steps.c.triage_id.desc()).limit(most))
        return [(TriageId(row.triage_id), Millis(row.at)) for row in rows][::-1]

    async def read(self, triages: Collection[TriageId]) -> Sequence[SeenRow]:
        """Those of them that are still there, in no order."""
        query = select(steps.c.triage_id, steps.c.at, steps.c.answer).where(_READ, steps.c.triage_id.in_(triages))
        return [SeenRow(triage=row.triage_id, at=row.at, screened=row.answer) for row in await self._db.execute(query)]
