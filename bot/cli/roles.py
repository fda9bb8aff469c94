"""`strata run` and its parts: `web`, `worker`, `executor`, `scheduler`, each as a process of its own."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import log_to_stderr, settings
from bot.roles import Role
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.doctor.finding import Check

HealthPort = Annotated[
    int | None,
    typer.Option(help="Answer /healthz and /readyz on this port; without it nothing listens.", min=0, max=65535),
]


def run(
    *,
    executor: Annotated[
        bool, typer.Option(help="Also run the executor here; without it, run `strata executor` beside this.")
    ] = True,
) -> None:
    """Run the bot: every role in one process."""
    found = settings()
    _start(found, frozenset(Role) if executor else frozenset(Role) - {Role.EXECUTOR}, found.strata_port)


def web() -> None:
    """Run only the doors: take in what trackers and Slack send; workers do the rest."""
    found = settings()
    _start(found, frozenset({Role.WEB}), found.strata_port)


def worker(
    *,
    concurrency: Annotated[
        int | None, typer.Option(help="Jobs at a time, in place of STRATA_CONCURRENCY.", min=1, max=64)
    ] = None,
    health_port: HealthPort = None,
) -> None:
    """Run only the agent: read tickets, propose, speak in Slack. As many of these as you like."""
    found = settings()
    if concurrency:
        found = found.model_copy(update={"strata_concurrency": concurrency})
    _start(found, frozenset({Role.WORKER}), health_port)


def executor(*, health_port: HealthPort = None) -> None:
    """Run only the executor: the one part that holds the write credential."""
    _start(settings(), frozenset({Role.EXECUTOR}), health_port)


def scheduler(*, health_port: HealthPort = None) -> None:
    """Run only the scheduler: chores for the whole installation. Several may run; one leads."""
    _start(settings(), frozenset({Role.SCHEDULER}), health_port)


def _start(found: Settings, roles: frozenset[Role], port: int | None) -> None:
    from bot.doctor.checks import essentials

    missing = [one for one in essentials(found, roles) if one.is_broken]
    if missing:
        _explain(missing)
        raise typer.Exit(WRONG)
    log_to_stderr(found)
    from bot.serve import run as serve  # heavy: what is missing is told before it is loaded

    asyncio.run(serve(found, roles, port))


def _explain(missing: list[Check]) -> None:
    for one in missing:
        sys.stderr.write(f"strata: {one.name}: {one.finding}. {one.fix}\n")
    sys.stderr.write("strata: `strata doctor` checks everything\n")
