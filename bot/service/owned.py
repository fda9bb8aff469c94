"""What people decided about owners, from the record. Implements `graphs.ranking.memory.OwnedTickets`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import ValidationError

from bot.record.owned import OwnedRow
from bot.record.record import Record
from graphs.answers import Screened
from graphs.model import InstallId
from graphs.ranking.history import Asked, Past


class RecordOwnedTickets:
    def __init__(self, record: Record) -> None:
        self._record = record

    async def keys(self, install: InstallId, most: int) -> Sequence[str]:
        async with self._record.read() as tx:
            return await tx.owned.keys(install, most)

    async def read(self, keys: Collection[str]) -> Sequence[Past]:
        async with self._record.read() as tx:
            rows = await tx.owned.read(keys)
        return [past for row in rows if (past := _past(row))]


def _past(row: OwnedRow) -> Past | None:
    """None for a ticket without an owner, or whose text retention has taken."""
    if row.proposal.owner is None:
        return None
    try:
        ticket = Screened.model_validate_json(row.screened).ticket
    except ValidationError:
        return None
    asked = Asked(
        key=row.key,
        project=ticket.ref.project.casefold(),
        title=ticket.title,
        body=ticket.body,
        author=ticket.author,
        at=row.decided_at,
        private=ticket.private,
        name=ticket.ref.short,
    )
    return Past(ticket=asked, owners=(row.proposal.owner.owner,))
