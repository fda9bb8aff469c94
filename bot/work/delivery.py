"""Wakes workers when work was committed. Never the record of work: a lost wake-up costs one poll, nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol


class Delivery(Protocol):
    """How workers learn of new work. The record says what there is; this only says "look now"."""

    def wake(self, kinds: Iterable[str]) -> None:
        """Work of these kinds was committed."""
        ...

    def mark(self, kinds: frozenset[str]) -> int:
        """A number that grows whenever one of these kinds is woken; taken before a claim, it closes the gap after."""
        ...

    async def wait(self, kinds: frozenset[str], timeout_s: float, since: int | None = None) -> None:
        """Returns when one of these kinds was woken after `since` (a mark), at the latest after `timeout_s`."""
        ...


class InProcess:
    """Delivery within one process: one event for each kind."""

    def __init__(self) -> None:
        self._woken: dict[str, int] = {}
        self._changed = asyncio.Event()

    def wake(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            self._woken[kind] = self._woken.get(kind, 0) + 1
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()

    def mark(self, kinds: frozenset[str]) -> int:
        return sum(self._woken.get(kind, 0) for kind in kinds)

    async def wait(self, kinds: frozenset[str], timeout_s: float, since: int | None = None) -> None:
        start = self.mark(kinds) if since is None else since
        try:
            async with asyncio.timeout(timeout_s):
                while self.mark(kinds) == start:
                    await self._changed.wait()
        except TimeoutError:
            return
