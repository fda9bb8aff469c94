"""The inbox: every authenticated delivery, once. What is stored here has been promised to its sender.

Bodies are raw, and nobody has redacted them: one is kept only where somebody reads it again.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import inbox, quarantine
from graphs.model import TicketKey, Value


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    """Work follows."""
    IGNORED = "ignored"
    """Understood, nothing to do."""
    ECHO = "echo"
    """Our own write coming back."""
    MALFORMED = "malformed"
    """Authentic, but not a payload we can read."""
    DUPLICATE = "duplicate"
    """This delivery was stored before. Never a row of its own."""
    QUARANTINED = "quarantined"
    """A known delivery id with another body. Kept apart, never acted on."""


class Delivery(Value):
    """One delivery to store. `provider` is a tracker's name or `slack`."""

    provider: str
    install: str
    delivery_id: str
    name: str
    body: bytes
    keeps_body: bool = True
    """False where the work that follows carries all it needs: then the hash alone is stored."""

    @property
    def stored(self) -> bytes:
        return self.body if self.keeps_body else b""


class Inbox:
    """Inbox rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def store(
        self, delivery: Delivery, outcome: Outcome, why: str, ticket: TicketKey | None = None
    ) -> tuple[Outcome, int]:
        """Stores the delivery and returns (outcome, row id); a repeated one is a duplicate or goes to quarantine."""
        sha = hashlib.sha256(delivery.body).hexdigest()
        row = insert_into(self._db, inbox).values(
            **delivery.model_dump(exclude={"body", "keeps_body"}),
            body=delivery.stored,
            body_sha256=sha,
            outcome=outcome,
            why=why,
            ticket_key=ticket,
            received_at=StoreNow(),
        )
        unique = ["provider", "install", "delivery_id"]
        stored = await self._db.execute(row.on_conflict_do_nothing(index_elements=unique).returning(inbox.c.id))
        new_id = stored.scalar_one_or_none()
        if new_id is not None:
            return outcome, int(new_id)
        known = (
            await self._db.execute(
                select(inbox.c.id, inbox.c.body_sha256).where(
                    inbox.c.provider == delivery.provider,
                    inbox.c.install == delivery.install,
                    inbox.c.delivery_id == delivery.delivery_id,
                )
            )
        ).one()
        if known.body_sha256 == sha:
            return Outcome.DUPLICATE, int(known.id)
        await self._quarantine(delivery, sha)
        return Outcome.QUARANTINED, int(known.id)

    async def _quarantine(self, delivery: Delivery, sha: str) -> None:
        await self._db.execute(
            insert_into(self._db, quarantine)
            .values(
                provider=delivery.provider,
                install=delivery.install,
                delivery_id=delivery.delivery_id,
                body=delivery.stored,
                body_sha256=sha,
                why="a known delivery id came with another body",
                received_at=StoreNow(),
            )
            .on_conflict_do_nothing(
                index_elements=["provider", "install", "delivery_id", "body_sha256"],
            )
        )

    async def body(self, row_id: int) -> bytes:
        """The bytes of a stored delivery; empty where they were not kept."""
        return bytes((await self._db.execute(select(inbox.c.body).where(inbox.c.id == row_id))).scalar_one())

    async def settle(self, row_id: int, outcome: Outcome, why: str) -> None:
        """Says afterwards what became of a delivery."""
        await self._db.execute(update(inbox).where(inbox.c.id == row_id).values(outcome=outcome, why=why))

    async def outcomes(self, provider: str) -> dict[tuple[str, Outcome], int]:
        """Deliveries counted by (event name, outcome), for one provider."""
        rows = await self._db.execute(
            select(inbox.c.name, inbox.c.outcome, func.count())
            .where(inbox.c.provider == provider)
            .group_by(inbox.c.name, inbox.c.outcome)
        )
        return {(name, Outcome(outcome)): count for name, outcome, count in rows}

    async def quarantined(self) -> int:
        return int((await self._db.execute(select(func.count()).select_from(quarantine))).scalar_one())
