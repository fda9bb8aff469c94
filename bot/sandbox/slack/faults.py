"""What goes wrong, scripted by a test before it happens. Without a script nothing ever fails here.

Two halves: faults of calls *to* Slack (a method answers badly, late, or never), and faults of deliveries *from* Slack
(the same click twice, events out of order, a forged or aged signature).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

EVERY_METHOD = "*"


class Breakage(StrEnum):
    """What the caller sees instead of the answer."""

    ANSWER = "answer"  # another status or an error body
    CUT = "cut"  # the connection breaks without a byte
    HANG = "hang"  # no answer until the caller gives up


@dataclass(frozen=True)
class Fault:
    breakage: Breakage
    status: int = 200
    error: str = ""
    retry_after_s: int | None = None
    takes_effect: bool = False


@dataclass
class Delay:
    seconds: float
    left: int


@dataclass
class Faults:
    """`waiting` counts the calls that are held right now."""

    waiting: int = 0
    _calls: dict[str, deque[Fault]] = field(default_factory=dict)
    _delays: dict[str, Delay] = field(default_factory=dict)
    _holds: dict[str, deque[asyncio.Event]] = field(default_factory=dict)
    _duplicates: deque[int] = field(default_factory=deque)
    _forgeries: int = 0
    _aged_s: deque[int] = field(default_factory=deque)
    _events_to_hold: int = 0

    def fail(
        self,
        method: str,
        *,
        times: int = 1,
        error: str = "internal_error",
        status: int = 200,
        takes_effect: bool = False,
    ) -> None:
        """The next calls answer with this status and error; with `takes_effect` the work is done all the same."""
        self._script(method, times, Fault(Breakage.ANSWER, status, error, takes_effect=takes_effect))

    def rate_limit(self, method: str, *, times: int = 1, retry_after_s: int = 1) -> None:
        self._script(method, times, Fault(Breakage.ANSWER, 429, "ratelimited", retry_after_s))

    def cut(self, method: str, *, times: int = 1, takes_effect: bool = True) -> None:
        """The dangerous one: Slack accepts the call, then the connection breaks and the caller cannot know."""
        self._script(method, times, Fault(Breakage.CUT, takes_effect=takes_effect))

    def hang(self, method: str, *, times: int = 1, takes_effect: bool = False) -> None:
        """The next calls get no answer until the caller's own time-out."""
        self._script(method, times, Fault(Breakage.HANG, takes_effect=takes_effect))

    def delay(self, method: str, seconds: float, *, times: int = 1) -> None:
        """The next calls work, but later."""
        self._delays[method] = Delay(seconds, times)

    def hold(self, method: str, *, times: int = 1) -> asyncio.Event:
        """The next calls wait before their work until the returned event is set; for tests of exact order."""
        gate = asyncio.Event()
        self._holds.setdefault(method, deque()).extend([gate] * times)
        return gate

    def duplicate_interaction(self, *, copies: int = 2, times: int = 1) -> None:
        """The next clicks, submissions and commands arrive several times at once, byte for byte the same."""
        self._duplicates.extend([copies] * times)

    def forge_signature(self, *, times: int = 1) -> None:
        """The next HTTP deliveries are signed with another secret, as an attacker would."""
        self._forgeries += times

    def age_signature(self, seconds: int, *, times: int = 1) -> None:
        """The next HTTP deliveries carry a correct signature over an old timestamp, as a replay would."""
        self._aged_s.extend([seconds] * times)

    def reorder_events(self, count: int) -> None:
        """Hold the next events back and let them out in reverse order when the last of them happens."""
        self._events_to_hold = count

    def clear(self) -> None:
        """Forget the whole script."""
        for part in (self._calls, self._delays, self._holds, self._duplicates, self._aged_s):
            part.clear()
        self._forgeries = self._events_to_hold = 0

    def _script(self, method: str, times: int, fault: Fault) -> None:
        self._calls.setdefault(method, deque()).extend([fault] * times)

    def next_fault(self, method: str) -> Fault | None:
        for name in (method, EVERY_METHOD):
            if queue := self._calls.get(name):
                return queue.popleft()
        return None

    def next_delay(self, method: str) -> float:
        for name in (method, EVERY_METHOD):
            delay = self._delays.get(name)
            if delay and delay.left > 0:
                delay.left -= 1
                return delay.seconds
        return 0.0

    def next_hold(self, method: str) -> asyncio.Event | None:
        holds = self._holds.get(method)
        return holds.popleft() if holds else None

    def next_copies(self) -> int:
        return self._duplicates.popleft() if self._duplicates else 1

    def next_forgery(self) -> bool:
        forged = self._forgeries > 0
        self._forgeries -= forged
        return forged

    def next_age(self) -> int:
        return self._aged_s.popleft() if self._aged_s else 0

    @property
    def events_to_hold(self) -> int:
        return self._events_to_hold

    def release_events(self) -> None:
        self._events_to_hold = 0
