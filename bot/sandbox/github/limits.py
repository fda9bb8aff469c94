"""GitHub's rate limits: the hourly budget with its headers, and an optional cap on writes per minute.

Owns the counting. Scripted refusals (a limit hit right now) are in `faults`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.github.answers import DOCS, Refused

HOUR_S = 3600
MINUTE_S = 60
RATE_DOCS = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass
class _Window:
    ends: float
    used: int = 0


@dataclass
class Limits:
    clock: Callable[[], float]
    per_hour: int = 5000
    writes_per_minute: int | None = None
    """Above it: the secondary limit with `retry-after`. GitHub's own is about 80; None switches it off."""
    _windows: dict[str, _Window] = field(default_factory=dict)
    _writes: dict[str, deque[float]] = field(default_factory=dict)

    def spend(self, who: str, *, is_write: bool) -> dict[str, str]:
        """Counts one request; the headers to answer with. Raises when the budget is used up."""
        window = self._window(who)
        if window.used >= self.per_hour:
            raise primary(self.headers(who))
        window.used += 1
        if is_write and self.writes_per_minute is not None:
            self._spend_write(who, self.writes_per_minute)
        return self.headers(who)

    def headers(self, who: str) -> dict[str, str]:
        window = self._window(who)
        return {
            "x-ratelimit-limit": str(self.per_hour),
            "x-ratelimit-remaining": str(max(0, self.per_hour - window.used)),
            "x-ratelimit-used": str(window.used),
            "x-ratelimit-reset": str(int(window.ends)),
            "x-ratelimit-resource": "core",
        }

    def _window(self, who: str) -> _Window:
        now = self.clock()
        window = self._windows.get(who)
        if window is None or window.ends <= now:
            window = self._windows[who] = _Window(now + HOUR_S)
        return window

    def _spend_write(self, who: str, cap: int) -> None:
        now = self.clock()
        recent = self._writes.setdefault(who, deque())
        while recent and recent[0] <= now - MINUTE_S:
            recent.popleft()
        if len(recent) >= cap:
            raise secondary(retry_after_s=max(1, round(recent[0] + MINUTE_S - now)))
        recent.append(now)


def primary(headers: dict[str, str], status: int = 403) -> Refused:
    return Refused(status, "API rate limit exceeded for this token.", headers=headers, docs=RATE_DOCS)


def secondary(retry_after_s: int, status: int = 403) -> Refused:
    return Refused(
        status,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        headers={"retry-after": str(retry_after_s)},
        docs=RATE_DOCS,
    )
