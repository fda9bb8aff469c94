"""`strata executor`: only the writing half, with the write credential, beside `strata run --no-executor`."""

from __future__ import annotations

import asyncio
import sys

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import log_to_stderr, settings


def executor() -> None:
    """Run only the executor: the one part that holds the write credential."""
    from bot.doctor.checks import write_credential

    found = settings()
    missing = write_credential(found)
    if missing.is_broken:
        sys.stderr.write(f"strata: {missing.name}: {missing.finding}. {missing.fix}\n")
        raise typer.Exit(WRONG)
    log_to_stderr(found)
    from bot.serve import run_executor  # heavy: what is missing is told before it is loaded

    asyncio.run(run_executor(found))
