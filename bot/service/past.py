"""Past tickets with what people decided, from the record. Implements `graphs.archive.past.SettledTickets`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import ValidationError

from bot.record.owned import OwnedRow
from bot.record.record import Record
from graphs.answers import Screened
from graphs.archive.past import Settled
from graphs.model import InstallId


class RecordSettledTickets:
    def __init__(self, record: Record) -> None:
        self._record = record

    async def keys(self, install: InstallId, most: int) -> Sequence[str]:
        async with self._record.read() as tx:
            return await tx.owned.keys(install, most)

    async def read(self, keys: Collection[str]) -> Sequence[Settled]:
        async with self._record.read() as tx:
            rows = await tx.owned.read(keys)
        return [one for row in rows if (one := _settled(row))]


def _settled(row: OwnedRow) -> Settled | None:
    """None for a ticket whose text retention has taken."""
    try:
        ticket = Screened.model_validate_json(row.screened).ticket
    except ValidationError:
        return None
    proposal = row.proposal
    return Settled(
        key=row.key,
        ref=ticket.ref,
        title=ticket.title,
        body=ticket.body,
        private=ticket.private,
        layer=proposal.layer,
        kind=proposal.kind,
        owner=proposal.owner.owner if proposal.owner else None,
        decided_at=row.decided_at,
    )
