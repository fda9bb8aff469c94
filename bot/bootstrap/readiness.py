"""What each part of a process says of itself, for `/readyz`."""

from __future__ import annotations

import time

from sqlalchemy.exc import SQLAlchemyError

from bot.bootstrap.core import Core
from bot.intake.web import Ready
from bot.record.migrate import current, newest
from bot.slack.socket import SocketDoor
from graphs.errors import Outage

MOST_SKEW_S = 60.0
"""Leases and expiry are judged by the store's clock alone; log lines and Slack's signatures by this machine's."""


def readiness(core: Core, socket: SocketDoor | None = None) -> Ready:
    """For one process; `socket` where it holds Slack's connection."""

    async def ready() -> dict[str, str]:
        return {
            "record": await _record(core),
            "delivery": core.shared.state(),
            "clock": await _clock(core),
            "slack": await socket.state() if socket else "ok",
            "policy": f"ok, version {core.policies.version}",
            "triage": "paused" if core.paused() else "ok",
        }

    return ready


async def _record(core: Core) -> str:
    try:
        level = await current(core.record.engine)
    except (SQLAlchemyError, OSError) as error:
        return f"cannot be reached ({type(error).__name__})"
    return "ok" if level == newest() else f"schema {level}, this program needs {newest()}"


async def _clock(core: Core) -> str:
    try:
        async with core.record.read() as tx:
            skew = time.time() - await tx.now() / 1000
    except (SQLAlchemyError, OSError, Outage):
        return "unknown: the record cannot be asked"
    if abs(skew) > MOST_SKEW_S:
        return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the record's: set this machine's clock"
    return "ok"
