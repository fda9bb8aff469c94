"""How often one install may ask its tracker: so many requests, and of these so many that notify people.

Of reader and writer together, because two tokens may belong to one account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.limits.rates import Rate, RateLimits


@dataclass(frozen=True, slots=True)
class Allowed:
    """A vendor's limits as we keep them: per minute, and at once."""

    requests: int
    at_once: int
    comments: int
    comments_at_once: int
    comment: re.Pattern[str]
    """Searched in the path of a write: what notifies people."""


class InstallBudget:
    """Implements `bot.trackers.transport.Budget`."""

    def __init__(self, limits: RateLimits, name: str, allowed: Allowed) -> None:
        """`name`: of the tracker and the install, under which all processes count together."""
        self._limits = limits
        self._comment = allowed.comment
        self._requests = Rate.never_above(allowed.requests, f"{name}:requests", allowed.at_once)
        self._comments = Rate.never_above(allowed.comments, f"{name}:notes", allowed.comments_at_once)

    async def spend(self, method: str, path: str) -> None:
        """Raises `graphs.errors.RateLimited` before anything was sent."""
        if method != "GET" and self._comment.search(path):
            await self._limits.take(self._comments)
        await self._limits.take(self._requests)

    async def told_to_wait(self, seconds: float) -> None:
        """The tracker said so itself. It holds for everything this install asks."""
        await self._limits.close(self._requests, seconds)
