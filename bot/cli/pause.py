"""`strata pause` and `strata resume`: the off switch for every process that works on this record."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import Annotated

import typer

from bot.cli.setup import settings
from bot.settings import Settings

Why = Annotated[str, typer.Option(help="Said in the log and in the audit.")]


def pause(*, why: Why = "") -> None:
    """Propose and write nothing, in every process, until `strata resume`. What arrives is still taken in."""
    asyncio.run(_turn(settings(), why, on=True))


def resume(*, why: Why = "") -> None:
    """Take up the work again, where it was left."""
    asyncio.run(_turn(settings(), why, on=False))


async def _turn(found: Settings, why: str, *, on: bool) -> None:
    from bot.bootstrap.core import open_core
    from bot.work.pause import PAUSE_FILE, SWITCH

    by = f"operator:{getpass.getuser()}"
    async with open_core(found) as core:
        async with core.record.begin() as tx:
            await tx.switches.turn(SWITCH, on=on, by=by, why=why)
            await tx.audit.append("operator", "paused" if on else "resumed", SWITCH, by=by, why=why)
        await core.announce_pause()
        still = core.paused() and not on
    sys.stdout.write("Paused: nothing is proposed or written.\n" if on else "Resumed.\n")
    if still:
        sys.stdout.write(f"But STRATA_PAUSED is set or the file {PAUSE_FILE} is there: here it stays paused.\n")
