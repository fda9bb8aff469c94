"""The scheduler: chores of the whole installation. To add one: a `Chore` here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.bootstrap.core import Core
from bot.work.schedule import Chore, Scheduler


@asynccontextmanager
async def open_scheduler(core: Core) -> AsyncIterator[Scheduler]:
    chores: tuple[Chore, ...] = ()
    yield Scheduler(core.record, chores)
