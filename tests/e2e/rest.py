"""Waiting for the bot to have nothing left to do, also nothing that it put off because of a fault."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.record.engine import reading
from bot.record.tables import jobs
from tests.e2e.stage import Stage

LATER = ("expire_proposal", "remind_of_card", "wake_card")
"""The kinds of jobs that rightly wait for days."""


async def at_rest(stage: Stage, timeout_s: float = 30) -> dict[str, str]:
    """Waits; then the kinds of the jobs that were given up, each with its last error."""
    await stage.github.settle()
    left = select(jobs).where(jobs.c.state.in_(("ready", "leased")), jobs.c.kind.not_in(LATER))
    dead = select(jobs).where(jobs.c.state == "dead")
    async with asyncio.timeout(timeout_s):
        while True:
            async with reading(stage.core.record.engine) as connection:
                if not (await connection.execute(left)).all():
                    return {one.kind: one.error for one in await connection.execute(dead)}
            await asyncio.sleep(0.02)
