"""Tickets that were read, from the record. Implements `graphs.similar.neighbours.SeenTickets`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import structlog
from pydantic import ValidationError

from bot.record.eraser import ERASED
from bot.record.record import Record
from bot.record.seen import SeenRow
from graphs.answers import Screened
from graphs.model import Millis, TriageId
from graphs.similar.neighbours import RecentTickets, SeenTicket

log = structlog.get_logger(__name__)


class RecordSeenTickets:
    def __init__(self, record: Record) -> None:
        self._record = record

    async def keys(self, since: Millis, most: int) -> Sequence[tuple[TriageId, Millis]]:
        async with self._record.read() as tx:
            return await tx.seen.keys(since, most)

    async def read(self, triages: Collection[TriageId]) -> Sequence[SeenTicket]:
        async with self._record.read() as tx:
            rows = await tx.seen.read(triages)
        return [_seen(row) for row in rows]


def _seen(row: SeenRow) -> SeenTicket:
    """Without a ticket where its text was erased, or where another version of this program wrote it."""
    try:
        found = Screened.model_validate_json(row.screened)
    except ValidationError:
        return SeenTicket(triage=row.triage, read_at=row.at, ticket=None, opened_at=Millis(0))
    kept = None if found.ticket.title == ERASED else found.ticket
    return SeenTicket(triage=row.triage, read_at=row.at, ticket=kept, opened_at=found.opened_at)


@asynccontextmanager
async def open_neighbours(record: Record) -> AsyncIterator[RecentTickets]:
    """Begins to read the record at once."""
    found = RecentTickets(RecordSeenTickets(record), _report)
    found.start()
    try:
        yield found
    finally:
        await found.close()


def _report(error: Exception) -> None:
    log.warning("similar tickets could not be looked for", why=type(error).__name__)
