"""Where a triage and a write stand; legal moves are in `bot.record.states`."""

from __future__ import annotations

from enum import StrEnum


class OutboxState(StrEnum):
    """pending -> sending -> done | unknown | failed; unknown is resolved by reading the ticket."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    UNKNOWN = "unknown"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether the executor still has something to do."""
        return self in (OutboxState.PENDING, OutboxState.SENDING, OutboxState.UNKNOWN)


class TriageState(StrEnum):
    """Where a triage stands; legal moves are in `bot.record.states`."""

    QUEUED = "queued"
    AWAITING = "awaiting"
    """A proposal is on a card and waits for a person."""
    APPLYING = "applying"
    CLOSED = "closed"
    FAILED = "failed"
