"""What models have cost, out of the audit: one entry for each conversation, under a subject of its own.

Owns the entry's facts and how they are read back. Must not judge whether it was too much.
"""

from __future__ import annotations

import json

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.tables import audit
from graphs.model import Millis, Value

SUBJECT, ACTION = "models", "model_asked"


class Bill(Value):
    """One conversation's cost."""

    seq: int
    at: Millis
    usd: float
    tokens: int


class Spending:
    """Reads bills within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def since(self, milliseconds: int, after: int) -> list[Bill]:
        """Bills of the last `milliseconds`, of those with a number above `after`, oldest first."""
        query = (
            select(audit.c.seq, audit.c.at, audit.c.entry)
            .where(audit.c.subject == SUBJECT, audit.c.seq > after, audit.c.at > StoreNow() - milliseconds)
            .order_by(audit.c.seq)
        )
        return [bill for row in await self._db.execute(query) if (bill := _bill(row.seq, row.at, row.entry))]


def _bill(seq: int, at: int, entry: str) -> Bill | None:
    """None for an entry of another kind."""
    try:
        facts = json.loads(entry)["facts"]
        return Bill(seq=seq, at=Millis(at), usd=float(facts["usd"]), tokens=int(facts["tokens"]))
    except (ValueError, LookupError, TypeError, ValidationError):
        return None
