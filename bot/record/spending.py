"""What models have cost, out of the audit: one entry for each conversation, under a subject of its own.

Owns the entry's facts and how they are read back. Must not judge whether it was too much.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.tables import audit
from graphs.model import Millis, Value

SUBJECT, ACTION = "models", "model_asked"
_TOKENS = ("fresh", "cached", "kept", "written", "lost")


class Bill(Value):
    """One conversation's cost."""

    seq: int
    at: Millis
    usd: float
    tokens: int


class Bills(Value):
    """A model's bills of one day and one version of the prompt, added up."""

    day: str
    """UTC, as YYYY-MM-DD."""
    model: str
    prompt: str
    asked: int = 0
    usd: float = 0.0
    fresh: int = 0
    """Tokens read at the full price, and so on as in `graphs.agent.talk.Usage`."""
    cached: int = 0
    kept: int = 0
    written: int = 0
    lost: int = 0
    batched: int = 0
    """How many of the questions went out in a batch."""
    untold: int = 0
    """Of these bills it is not known which tokens they were for: an older version wrote them."""

    @property
    def hit_rate(self) -> float | None:
        """The share of what was read that came from the cache; None where nothing is known to have been read."""
        read = self.fresh + self.cached + self.kept
        return self.cached / read if read else None


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

    async def by_day(self, milliseconds: int) -> list[Bills]:
        """Bills of the last `milliseconds`, the newest day first."""
        query = select(audit.c.at, audit.c.entry).where(
            audit.c.subject == SUBJECT, audit.c.at > StoreNow() - milliseconds
        )
        found: dict[tuple[str, str, str], Bills] = {}
        for row in await self._db.execute(query):
            day = f"{datetime.fromtimestamp(row.at / 1000, UTC):%Y-%m-%d}"
            with suppress(ValueError, LookupError, TypeError, ValidationError):
                facts = json.loads(row.entry)["facts"]
                key = day, str(facts["model"]), str(facts["prompt"])
                found[key] = _added(found.get(key) or Bills(day=day, model=key[1], prompt=key[2]), facts)
        return [found[key] for key in sorted(found, reverse=True)]

    async def booked(self, milliseconds: int) -> set[str]:
        """Which questions of which batches have a bill, of the last `milliseconds`."""
        query = select(audit.c.entry).where(audit.c.subject == SUBJECT, audit.c.at > StoreNow() - milliseconds)
        found = set()
        for (entry,) in await self._db.execute(query):
            with suppress(ValueError, LookupError, TypeError):
                found.add(str(json.loads(entry)["facts"]["batch"]))
        return found - {""}


def _added(one: Bills, facts: Mapping[str, str]) -> Bills:
    """Raises `LookupError`, `ValueError`, `TypeError` for an entry of another kind."""
    usd, told = float(facts["usd"]), "fresh" in facts
    counts = {name: getattr(one, name) + int(facts.get(name, "0")) for name in _TOKENS}
    return one.model_copy(
        update={
            **(counts if told else {}),
            "asked": one.asked + 1,
            "usd": round(one.usd + usd, 6),
            "batched": one.batched + bool(facts.get("batch")),
            "untold": one.untold + (not told),
        }
    )


def _bill(seq: int, at: int, entry: str) -> Bill | None:
    """None for an entry of another kind."""
    try:
        facts = json.loads(entry)["facts"]
        return Bill(seq=seq, at=Millis(at), usd=float(facts["usd"]), tokens=int(facts["tokens"]))
    except (ValueError, LookupError, TypeError, ValidationError):
        return None
