"""`strata run`: the bot. Web, Slack, worker and executor in one process."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import log_to_stderr, settings


def run(
    *,
    executor: Annotated[
        bool, typer.Option(help="Also run the executor here; without it, run `strata executor` beside this.")
    ] = True,
) -> None:
    """Run the bot."""
    from bot.doctor.checks import essentials

    found = settings()
    missing = [one for one in essentials(found, executor=executor) if one.is_broken]
    if missing:
        for one in missing:
            sys.stderr.write(f"strata: {one.name}: {one.finding}. {one.fix}\n")
        sys.stderr.write("strata: `strata doctor` checks everything\n")
        raise typer.Exit(WRONG)
    log_to_stderr(found)
    from bot.serve import run as serve  # heavy: what is missing is told before it is loaded

    asyncio.run(serve(found, executor=executor))
