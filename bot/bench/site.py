"""A bot at work, with what looks at it from outside."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bot.bench.figures import BenchFailed
from bot.bench.people import LOOK_S, PATIENCE_S
from bot.demo.town import Town
from bot.record.record import Record


@dataclass
class Site:
    """Local Slack and GitHub, the bot's processes, and its record."""

    town: Town
    record: Record
    folder: Path

    async def quiet(self) -> None:
        """Waits until the bot has nothing to do."""
        await self.town.github.settle()
        fewest, since = None, time.monotonic()
        while due := await self.due():
            if fewest is None or due < fewest:
                fewest, since = due, time.monotonic()
            if time.monotonic() - since > PATIENCE_S:
                raise BenchFailed(f"{due} jobs are left and nothing happens\n{self.town.bot.tail()}")
            await asyncio.sleep(LOOK_S)

    async def due(self) -> int:
        async with self.record.read() as tx:
            return await tx.jobs.due()
