"""Answers that may be a little old: a port and the cache of one process.

Never where freshness decides what may be written: the executor reads for itself. Holds plain JSON and neither secrets
nor text out of tickets.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final, Protocol

from pydantic import JsonValue

MOST: Final = 1000


class Cache(Protocol):
    async def get(self, key: str) -> JsonValue:
        """None: not there, or too old."""
        ...

    async def put(self, key: str, value: JsonValue, ttl_s: float) -> None: ...


class LocalCache:
    """Of this process alone; the longest unused goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[str, tuple[float, JsonValue]] = OrderedDict()

    async def get(self, key: str) -> JsonValue:
        until, value = self._held.get(key, (0.0, None))
        if until <= time.monotonic():
            self._held.pop(key, None)
            return None
        self._held.move_to_end(key)
        return value

    async def put(self, key: str, value: JsonValue, ttl_s: float) -> None:
        self._held[key] = (time.monotonic() + ttl_s, value)
        self._held.move_to_end(key)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
