"""Budgets: what one ticket, one hour and one day may cost, in steps, tokens, seconds and US dollars.

Owns the limits and the refusal. What was spent is the journal's, which outlives this process. A budget is looked at
before each call, so the last call may go over it by its own price and by no more.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from graphs.agent.talk import Keep, Usage
from graphs.errors import EngineUnavailable
from graphs.model import TicketKey, TriageId, Value

HOUR_S, DAY_S = 3_600.0, 86_400.0


class Outcome(StrEnum):
    """How a conversation with a model ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    BAD_ANSWER = "bad_answer"
    TOO_LONG = "too_long"
    CONTEXT = "context"
    STEPS = "steps"
    TOKENS = "tokens"
    MONEY = "money"
    TIME = "time"
    AWAY = "away"
    REJECTED = "rejected"


WORDS = {
    Outcome.ANSWERED: "it answered",
    Outcome.REFUSED: "the model refused",
    Outcome.BAD_ANSWER: "the model gave no usable answer",
    Outcome.TOO_LONG: "the model's answer was cut off",
    Outcome.CONTEXT: "the conversation was too long for the model",
    Outcome.STEPS: "the model came to no end",
    Outcome.TOKENS: "the ticket's token budget is used up",
    Outcome.MONEY: "the model budget is used up",
    Outcome.TIME: "the model took too long",
    Outcome.AWAY: "the model could not be reached",
    Outcome.REJECTED: "the model service refuses the request",
}


class ModelFailed(EngineUnavailable):
    """A conversation ended without an answer, in one of the known ways."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(f"{WORDS[outcome]}{': ' if detail else ''}{detail}")
        self.outcome = outcome


class Limits(Value):
    """Of one conversation about one ticket; both models' conversations count together for money."""

    steps: int = 6
    """Questions to the model."""
    calls: int = 12
    """Of tools."""
    calls_a_turn: int = 4
    tokens: int = 60_000
    usd: float = 0.02
    seconds: float = 90.0
    call_seconds: float = 60.0
    """Of one question."""
    told_chars: int = 12_000
    """All that tools may tell."""
    hour_usd: float = 1.0
    day_usd: float = 5.0
    hour_tokens: int = 5_000_000
    day_tokens: int = 30_000_000


class Spent(Value):
    """One conversation with one model."""

    triage: TriageId
    ticket: TicketKey
    model: str
    prompt: str
    outcome: Outcome
    usage: Usage
    usd: float
    steps: int
    calls: int
    keep: Keep
    agreed: bool | None = None
    """With the local engine; None where one of the two had no answer."""
    batch: str = ""
    """Which question of which batch this was; empty for a conversation."""


class Totals(Value):
    usd: float = 0.0
    tokens: int = 0


class Journal(Protocol):
    """What was spent, by all processes, kept for at least a day."""

    async def note(self, spent: Spent) -> None: ...

    async def since(self, seconds: float) -> Totals:
        """Spent within the last `seconds`."""
        ...


async def left(limits: Limits, journal: Journal) -> float:
    """US dollars that may be spent now; 0 where the hour or the day has used up its share of money or tokens."""
    found = []
    for seconds, usd, tokens, _ in _times(limits):
        spent = await journal.since(seconds)
        found.append(max(0.0, usd - spent.usd) if spent.tokens < tokens else 0.0)
    return min(found)


def _times(limits: Limits) -> tuple[tuple[float, float, int, str], ...]:
    return (
        (HOUR_S, limits.hour_usd, limits.hour_tokens, "this hour"),
        (DAY_S, limits.day_usd, limits.day_tokens, "today"),
    )


async def allow(limits: Limits, journal: Journal) -> None:
    """Raises `ModelFailed` where an hour or a day has used up its share."""
    for seconds, usd, tokens, name in _times(limits):
        spent = await journal.since(seconds)
        if spent.usd >= usd:
            raise ModelFailed(Outcome.MONEY, f"${spent.usd:.2f} of ${usd:.2f} spent {name}")
        if spent.tokens >= tokens:
            raise ModelFailed(Outcome.TOKENS, f"{spent.tokens:,} of {tokens:,} tokens used {name}")
