"""`strata incidents`: cards that people have reported."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from bot.cli.exits import REFUSED
from bot.cli.setup import settings
from bot.cli.tickets import printable
from bot.settings import Settings

incidents = typer.Typer(help="Cards that people have reported.", no_args_is_help=True)


@incidents.command("list")
def list_them(*, every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False) -> None:
    """What was reported, newest first: number, when, what was wrong, ticket, by whom, their words."""
    asyncio.run(_list(settings(), every=every))


@incidents.command("close")
def close(number: Annotated[int, typer.Argument(help="As `strata incidents list` shows it.")]) -> None:
    """Say that a report was looked into."""
    asyncio.run(_close(settings(), number))


async def _list(found: Settings, *, every: bool) -> None:
    from bot.bootstrap.core import open_core
    from bot.slack.blocks.elements import utc

    async with open_core(found) as core, core.record.read() as tx:
        rows = await tx.incidents.all(open_only=not every)
    for one in rows:
        state = "closed" if one.closed_at else "open"
        ticket = one.ticket.split(":", 2)[-1]
        line = f"{one.id}  {utc(one.at)}  {one.kind}  {state}  {ticket}  {one.by}  {one.note}".rstrip()
        sys.stdout.write(printable(line) + "\n")
    if not rows:
        sys.stdout.write("Nothing was reported.\n" if every else "No open reports.\n")


async def _close(found: Settings, number: int) -> None:
    from bot.bootstrap.core import open_core

    async with open_core(found) as core, core.record.begin() as tx:
        closed = await tx.incidents.close(number)
        if closed:
            await tx.audit.append("operator", "incident_closed", f"incident:{number}")
    if not closed:
        sys.stderr.write(f"strata: there is no open report {number}: see `strata incidents list`\n")
        raise typer.Exit(REFUSED)
    sys.stdout.write("Closed.\n")
