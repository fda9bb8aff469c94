"""How fast each role works."""

from __future__ import annotations

from bot.settings import Settings
from bot.work.worker import Pace

EXECUTOR_POLL_S = 0.5


def pace(settings: Settings, poll_s: float = Pace.poll_s) -> Pace:
    return Pace(concurrency=settings.strata_concurrency, lease_s=settings.strata_lease_s, poll_s=poll_s)
