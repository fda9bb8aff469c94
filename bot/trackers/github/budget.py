"""How often GitHub lets one install ask, by its secondary limits.

Reading costs one point, writing five, of 900 in any minute; content that notifies people is counted on its own. The
primary limit (so many requests an hour) is not counted here: GitHub tells when it is spent, and then all are held back.
"""

from __future__ import annotations

import re
from typing import Final

from bot.limits.rates import Rate, RateLimits

_POINTS: Final = 900
_POINTS_AT_ONCE: Final = 450
_CONTENT: Final = 80
_CONTENT_AT_ONCE: Final = 40
_WRITE_COSTS: Final = 5
_NOTIFIES: Final = re.compile(r"/(comments|labels)$")


class Budget:
    """Of one install, for the reader and the writer together: two tokens may belong to one account."""

    def __init__(self, limits: RateLimits, install: str) -> None:
        self._limits = limits
        self._points = Rate.never_above(_POINTS, f"github:{install}:points", _POINTS_AT_ONCE)
        self._content = Rate.never_above(_CONTENT, f"github:{install}:content", _CONTENT_AT_ONCE)

    async def spend(self, method: str, path: str) -> None:
        """Raises `graphs.errors.RateLimited` before anything was sent."""
        if method == "POST" and _NOTIFIES.search(path):
            await self._limits.take(self._content)
        await self._limits.take(self._points, 1 if method == "GET" else _WRITE_COSTS)

    async def told_to_wait(self, seconds: float) -> None:
        """GitHub said so itself. It holds for everything this install asks."""
        await self._limits.close(self._points, seconds)
