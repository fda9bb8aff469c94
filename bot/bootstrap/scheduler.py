"""The scheduler: chores of the whole installation. To add one: a `Chore` here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bot.bootstrap.core import Core
from bot.checkpoints.opening import open_checkpoints
from bot.keys import derived
from bot.record.retention import Rules, sweep
from bot.service.duty import hand_over_note
from bot.service.reconciling import Reconciling
from bot.work.schedule import Chore, Scheduler

RETENTION_S = 3600.0
ANCHOR_S = 600.0
DUTY_S = 300.0


@asynccontextmanager
async def open_scheduler(core: Core) -> AsyncIterator[Scheduler]:
    settings = core.settings
    rules = Rules.of(
        bodies_days=settings.strata_keep_bodies_days,
        work_days=settings.strata_keep_work_days,
        key=derived(core.key, "reporter"),
    )
    async with open_checkpoints(settings) as saver, core.trackers.reading(core.shares) as reader:
        looking = Reconciling(core.record, reader, core.trackers.installs)
        chores = (
            Chore("anchor", ANCHOR_S, partial(core.anchors.anchor, core.record)),
            Chore("retention", RETENTION_S, partial(sweep, core.record, saver, rules)),
            Chore("duty", DUTY_S, partial(hand_over_note, core.record, core.calendar)),
            Chore("lost deliveries", settings.strata_reconcile_s, looking.look),
        )
        yield Scheduler(core.record, chores)
