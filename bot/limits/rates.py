"""What a limit is, and the port through which whoever is about to ask somebody else takes a turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Rate:
    """`per_minute` turns on average, `burst` of them at once; everybody who uses one `name` shares them."""

    name: str
    per_minute: int
    burst: int

    @classmethod
    def never_above(cls, most: int, name: str, burst: int) -> Rate:
        """At most `most` turns in any minute, wherever it begins: a burst and what is added within that minute."""
        return cls(name, per_minute=most - burst, burst=burst)


class RateLimits(Protocol):
    async def take(self, rate: Rate, cost: int = 1) -> None:
        """Waits for its turn, but not for long. Raises `graphs.errors.RateLimited`: then nothing was asked yet."""
        ...

    async def close(self, rate: Rate, seconds: float) -> None:
        """The other side itself said "not before `seconds` from now": everybody who uses this rate is held back."""
        ...


class Unlimited:
    """No limits: for tests, and for what asks rarely."""

    async def take(self, rate: Rate, cost: int = 1) -> None:
        """At once."""

    async def close(self, rate: Rate, seconds: float) -> None:
        """Whoever asks next finds out by itself."""
