"""`strata bench`: measures the bot on this machine, beside a plain LangGraph bot."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import WRONG

if TYPE_CHECKING:
    from bot.bench.report import Asked, Report

RUNS, TICKETS = 3, 50
QUICK_RUNS, QUICK_TICKETS = 1, 5
DELIVERIES_PER_TICKET, STEADY_PER_TICKET = 10, 4


def bench(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
    runs: Annotated[
        int | None, typer.Option(min=1, max=99, help="How often everything is measured.", show_default=str(RUNS))
    ] = None,
    tickets: Annotated[
        int | None,
        typer.Option(min=1, max=2000, help="Tickets of each run and measurement.", show_default=str(TICKETS)),
    ] = None,
    quick: Annotated[bool, typer.Option(help="One run of few tickets: a look, not a measurement.")] = False,
) -> None:
    """Measure intake, waiting times, throughput, each step, bytes, memory and imports; compare with a plain bot.

    Everything runs on this machine, beside a local Slack and GitHub. Exit 1 if what is counted was not done; a figure
    alone never fails. Databases lie in this folder meanwhile, because a commit costs what its disk takes.
    """
    from bot.bench.report import Asked, show
    from bot.bench.setup import Setup
    from bot.bench.tickets import BODY_BYTES

    many = tickets or (QUICK_TICKETS if quick else TICKETS)
    asked = Asked(
        runs=runs or (QUICK_RUNS if quick else RUNS),
        tickets=many,
        deliveries=DELIVERIES_PER_TICKET * many,
        steady=STEADY_PER_TICKET * many,
        ticket_bytes=BODY_BYTES,
        setup=Setup(),
    )
    report = _measured(asked)
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
        return
    from rich.console import Console

    show(report, Console())


def _measured(asked: Asked) -> Report:
    try:
        folder = tempfile.TemporaryDirectory(prefix=".strata-bench-", dir=Path.cwd())
    except OSError as error:
        sys.stderr.write(f"strata: nothing can be written here ({error.strerror}): run it in a folder of your own\n")
        raise typer.Exit(WRONG) from None
    with folder as name:
        report = asyncio.run(_until_told(asked, Path(name)))
    if report is None:
        raise KeyboardInterrupt
    return report


async def _until_told(asked: Asked, folder: Path) -> Report | None:
    """None when it was interrupted; everything that was started has stopped by then."""
    from bot.bench.run import bench as measure
    from bot.logs import configure

    configure("error", lambda text: text, as_json=False)
    working = asyncio.create_task(measure(folder, asked, _tell))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_once(working))
    await asyncio.wait([working])
    return None if working.cancelled() else working.result()


def _stop_once(working: asyncio.Task[Report]) -> Callable[[], None]:
    """Impatience must not cut off what cleans up."""

    def stop() -> None:
        if not working.cancelling():
            working.cancel()

    return stop


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
