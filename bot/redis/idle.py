"""Who in this process sits idle and waits for which work. Pure bookkeeping: knows nothing of Redis."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(eq=False, frozen=True)
class Seat:
    """One idle worker; `called` is done as soon as there may be something for it."""

    kinds: frozenset[str]
    called: asyncio.Future[None]


class Idle:
    """The idle workers of one role."""

    def __init__(self) -> None:
        self._seats: list[Seat] = []
        self.taken = asyncio.Event()
        """Set while somebody sits here."""

    def free(self) -> int:
        """Who was called is on the way to work and counts no longer, though it may not have got up yet."""
        return sum(not one.called.done() for one in self._seats)

    def sit(self, seat: Seat) -> None:
        self._seats.append(seat)
        self.taken.set()

    def leave(self, seat: Seat) -> None:
        self._seats.remove(seat)
        if not self._seats:
            self.taken.clear()

    def call(self, kind: str, most: int | None = None) -> int:
        """Calls those who wait for this kind, `most` of them, the longest waiting first; returns how many."""
        called = [one for one in self._seats if kind in one.kinds and not one.called.done()][:most]
        for one in called:
            one.called.set_result(None)
        return len(called)
