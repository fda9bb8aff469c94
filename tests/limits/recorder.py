"""Limits that remember who asked, and refuse when told to."""

from __future__ import annotations

import asyncio

from bot.limits.rates import Rate
from graphs.errors import RateLimited


class Recorder:
    def __init__(self) -> None:
        self.taken: list[tuple[str, int]] = []
        self.closed: list[tuple[str, float]] = []
        self.full = False

    async def take(self, rate: Rate, cost: int = 1) -> None:
        if self.full:
            raise RateLimited(f"{rate.name}: full", 9.0)
        self.taken.append((rate.name, cost))

    async def close(self, rate: Rate, seconds: float) -> None:
        self.closed.append((rate.name, seconds))


class Stuck:
    """Nobody ever gets a turn."""

    async def take(self, rate: Rate, cost: int = 1) -> None:
        await asyncio.Event().wait()

    async def close(self, rate: Rate, seconds: float) -> None:
        """Nobody gets in anyway."""
