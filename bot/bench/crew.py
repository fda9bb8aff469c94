"""The roles as processes of their own on one record: one web, some workers, an executor, a scheduler.

Owns their start and end, and what each of them has taken so far. Must not act as anybody: that is `bot.bench.people`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.bench.footprint import spent
from bot.bench.setup import Setup
from bot.bench.site import Site
from bot.bench.stores import OpenStore, Servers, open_store
from bot.demo.town import Bot, Town, free_port, open_town
from bot.record.record import Record
from bot.roles import Role
from bot.work.delivery import InProcess

MANY = 1_000_000_000


@dataclass
class Crew(Site):
    """All processes of one Strata, and what looks at them from outside."""

    store: OpenStore
    others: list[tuple[Role, Bot]] = field(default_factory=list)
    """Beside the web role, which is the town's bot."""

    def members(self) -> Iterator[tuple[Role, Bot]]:
        yield Role.WEB, self.town.bot
        yield from self.others

    def cpu_s(self) -> dict[str, float]:
        """Seconds of processor time by role, where the system tells."""
        told: dict[str, float] = {}
        for role, bot in self.members():
            used = spent(bot.pid).cpu_s
            if used is not None:
                told[role] = told.get(role, 0.0) + used
        return told

    def peak_mib(self) -> dict[str, float]:
        """The largest process of each role."""
        told: dict[str, float] = {}
        for role, bot in self.members():
            told[role] = max(told.get(role, 0.0), spent(bot.pid).peak_mib or 0.0)
        return told

    async def hire(self, role: Role, **extra: str) -> Bot:
        """One more process; returns when it is ready."""
        bot = self.recruit(role)
        await bot.start(**extra)
        return bot

    def recruit(self, role: Role) -> Bot:
        """One more process, not started. All write into one log."""
        port = free_port()
        arguments = (role.value, "--health-port", str(port))
        bot = Bot(port, self.town.bot.env, self.folder, arguments, log=self.town.bot.log)
        self.others.append((role, bot))
        return bot

    async def dismiss(self, bot: Bot) -> None:
        await bot.stop()
        self.others = [one for one in self.others if one[1] is not bot]


@asynccontextmanager
async def open_crew(folder: Path, setup: Setup, servers: Servers, **extra: str) -> AsyncIterator[Crew]:
    """All are ready; the tracker's webhook is not connected yet. Raises `BenchFailed`, `StageFailed`."""
    async with (
        open_store(setup.store, folder, servers) as store,
        open_town(folder, **setup.environment(), **store.environment, **extra) as town,
    ):
        unbounded(town)
        town.bot.arguments = (Role.WEB.value,)
        await town.bot.start()  # alone: it makes the tables
        record = Record(store.record_url, InProcess())
        crew = Crew(town, record, folder, store)
        roles = [Role.WORKER] * setup.workers + [Role.EXECUTOR, Role.SCHEDULER]
        try:
            await asyncio.gather(*(crew.hire(role) for role in roles))
            yield crew
        finally:
            await asyncio.gather(*(bot.stop() for _, bot in crew.members()))
            await record.close()


def unbounded(town: Town) -> None:
    """The local GitHub answers however often it is asked, and remembers all of it."""
    town.github.limits.per_hour = MANY
    town.github.journal.reads = type(town.github.journal.reads)()
