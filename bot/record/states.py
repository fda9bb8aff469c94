"""Which state may follow which. A move that is not listed here does not happen."""

from __future__ import annotations

from graphs.errors import StrataError
from graphs.model import OutboxState, TriageState

TRIAGE_MOVES: dict[TriageState, frozenset[TriageState]] = {
    TriageState.QUEUED: frozenset({TriageState.AWAITING, TriageState.CLOSED, TriageState.FAILED}),
    TriageState.AWAITING: frozenset({TriageState.APPLYING, TriageState.CLOSED, TriageState.FAILED}),
    TriageState.APPLYING: frozenset({TriageState.CLOSED, TriageState.FAILED}),
    TriageState.CLOSED: frozenset(),
    TriageState.FAILED: frozenset(),
}

OUTBOX_MOVES: dict[OutboxState, frozenset[OutboxState]] = {
    # A refusal before anything was sent goes straight from pending to failed.
    OutboxState.PENDING: frozenset({OutboxState.SENDING, OutboxState.DONE, OutboxState.FAILED}),
    # sending -> sending: the worker died while sending, and reading the ticket showed that nothing arrived.
    OutboxState.SENDING: frozenset({OutboxState.SENDING, OutboxState.DONE, OutboxState.UNKNOWN, OutboxState.FAILED}),
    OutboxState.UNKNOWN: frozenset({OutboxState.SENDING, OutboxState.DONE, OutboxState.FAILED}),
    OutboxState.DONE: frozenset(),
    OutboxState.FAILED: frozenset(),
}


class IllegalMove(StrataError):
    """A state change that the tables above do not allow: a bug, never a user's mistake."""


class LostRace(StrataError):
    """The row was not in the expected state any more: somebody else moved it first."""


class LeaseLost(StrataError):
    """This worker's lease ran out and another took the job: nothing more may be written under it."""


def check_triage(old: TriageState, new: TriageState) -> None:
    """Raises `IllegalMove`."""
    if new not in TRIAGE_MOVES[old]:
        raise IllegalMove(f"a triage cannot go from {old} to {new}")


def check_outbox(old: OutboxState, new: OutboxState) -> None:
    """Raises `IllegalMove`."""
    if new not in OUTBOX_MOVES[old]:
        raise IllegalMove(f"an outbox row cannot go from {old} to {new}")
