"""`strata bench`: measures the bot on this machine, beside a plain LangGraph bot."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.exits import WRONG
from graphs.model import Value

if TYPE_CHECKING:
    from rich.console import Console

    from bot.bench.asking import Options

RUNS, TICKETS = 3, 50
QUICK_RUNS, QUICK_TICKETS = 1, 5
DELIVERIES_PER_TICKET, STEADY_PER_TICKET = 10, 4
MOST_DELIVERIES = 2000
R = TypeVar("R", bound=Value)
Tell = Callable[[str], None]


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
    agent: Annotated[
        bool,
        typer.Option("--agent", help="What the agent costs a ticket beside the model, with one that needs no time."),
    ] = False,
    store: Annotated[
        str, typer.Option(help="Roles as processes of their own on: sqlite,postgresql,postgresql+redis.")
    ] = "",
    workers: Annotated[str, typer.Option(help="Tickets a second with so many worker processes: 1,2,4.")] = "",
    sweep: Annotated[str, typer.Option(help="Sweeps of backlogs of these sizes: 2000,20000.")] = "",
    flood: Annotated[str, typer.Option(help="So many webhooks at 5,000 a minute, workers far behind: 5000.")] = "",
    recovery: Annotated[int, typer.Option(help="So many workers die in the middle of a job.", min=0, max=99)] = 0,
    database_url: Annotated[
        str, typer.Option(help="PostgreSQL to make databases in; else one is started from the test wheels.")
    ] = "",
    redis_url: Annotated[str, typer.Option(help="Redis; else one is started from the test wheels.")] = "",
) -> None:
    """Measure intake, waiting times, throughput, each step, bytes, memory and imports; compare with a plain bot.

    With --agent: only the agent, against a Messages API here that answers at once. With --store, --workers, --sweep,
    --flood or --recovery: the roles as processes on one record, and what they cost.
    Everything runs on this machine, beside a local Slack and GitHub. Exit 1 if what is counted was not done; a figure
    alone never fails. Databases lie in this folder meanwhile, because a commit costs what its disk takes.
    """
    from bot.bench.asking import Options

    options = Options(
        store=store,
        workers=workers,
        sweep=sweep,
        flood=flood,
        recovery=recovery,
        database_url=database_url,
        redis_url=redis_url,
    )
    if agent:
        _of_agent(tickets or (QUICK_TICKETS if quick else TICKETS), as_json)
    elif options.several_processes:
        _of_several(options, runs, tickets, quick=quick, as_json=as_json)
    else:
        _of_one(runs or (QUICK_RUNS if quick else RUNS), tickets or (QUICK_TICKETS if quick else TICKETS), as_json)


def _of_one(runs: int, tickets: int, as_json: bool) -> None:  # noqa: FBT001  # as it was asked for
    from bot.bench.report import Asked, show
    from bot.bench.run import bench as measure
    from bot.bench.setup import Setup
    from bot.bench.tickets import BODY_BYTES

    asked = Asked(
        runs=runs,
        tickets=tickets,
        deliveries=min(DELIVERIES_PER_TICKET * tickets, MOST_DELIVERIES),
        steady=STEADY_PER_TICKET * tickets,
        ticket_bytes=BODY_BYTES,
        setup=Setup(),
    )
    report = _measured(lambda folder, tell: measure(folder, asked, tell))
    _say(report) if as_json else show(report, _console())


def _of_agent(tickets: int, as_json: bool) -> None:  # noqa: FBT001  # as it was asked for
    from bot.bench.agent import overhead

    report = asyncio.run(overhead(tickets))
    if as_json:
        _say(report)
        return
    for one in report.designs:
        took = f"{one.p50_ms:.1f} ms a ticket (p99 {one.p99_ms:.1f}), {one.cpu_ms:.1f} ms of processor time"
        sys.stdout.write(f"{one.design}: {took}\n")
    aim = f"aimed at: {report.most_ms:.0f} ms, {report.most_cpu_ms:.0f} ms of processor time"
    sys.stdout.write(f"{aim}. {'Kept' if all(one.within for one in report.designs) else 'Not kept'} here.\n")


def _of_several(options: Options, runs: int | None, tickets: int | None, *, quick: bool, as_json: bool) -> None:
    from bot.bench.scale import scale
    from bot.bench.scale_table import show

    asked = options.asked(runs, tickets, quick=quick)
    report = _measured(lambda folder, tell: scale(folder, asked, tell))
    _say(report) if as_json else show(report, _console())


def _say(report: Value) -> None:
    sys.stdout.write(report.model_dump_json() + "\n")


def _console() -> Console:
    from rich.console import Console

    return Console()


def _measured(measure: Callable[[Path, Tell], Awaitable[R]]) -> R:
    try:
        folder = tempfile.TemporaryDirectory(prefix=".strata-bench-", dir=Path.cwd())
    except OSError as error:
        sys.stderr.write(f"strata: nothing can be written here ({error.strerror}): run it in a folder of your own\n")
        raise typer.Exit(WRONG) from None
    with folder as name:
        report = asyncio.run(_until_told(measure, Path(name)))
    if report is None:
        raise KeyboardInterrupt
    return report


async def _until_told(measure: Callable[[Path, Tell], Awaitable[R]], folder: Path) -> R | None:
    """None when it was interrupted; everything that was started has stopped by then."""
    from bot.logs import configure

    configure("error", lambda text: text, as_json=False)
    working = asyncio.ensure_future(measure(folder, _tell))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_once(working))
    await asyncio.wait([working])
    return None if working.cancelled() else working.result()


def _stop_once(working: asyncio.Future[R]) -> Callable[[], None]:
    """Impatience must not cut off what cleans up."""
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            working.cancel()
        stopped = True

    return stop


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
