"""What reached the local Slack and what it sent out, in order, for assertions. Tokens are never kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.narrow import Json


@dataclass(frozen=True)
class Call:
    """One Web API call. `ok` is what happened inside; `answered` is False when the caller never heard of it."""

    method: str
    ok: bool
    error: str
    at: float
    args: Json
    answered: bool = True


@dataclass
class Journal:
    calls: list[Call] = field(default_factory=list)

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def count(self, method: str, *, ok: bool | None = None) -> int:
        """How often a method was called; with `ok` only the calls that had this result inside."""
        return sum(1 for call in self.of(method) if ok is None or call.ok is ok)
