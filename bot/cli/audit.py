"""`strata audit`: does the chain verify, and what does it say of a ticket."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.cli.tickets import key_of, printable
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.record.audit import Head, Numbered

audit = typer.Typer(help="Verify the audit chain, and show what it says of a ticket.", no_args_is_help=True)


@audit.command()
def verify() -> None:
    """Check every entry. Exit 0 with the number of entries and the head's hash, 1 where the chain is broken."""
    head = asyncio.run(_verify(settings()))
    # The head is worth keeping elsewhere: a chain that was replaced as a whole verifies, but ends in another one.
    sys.stdout.write(f"{head.seq} entries verify. Head: {head.hash}\n")


async def _verify(found: Settings) -> Head:
    from bot.record.opening import open_record
    from bot.work.delivery import InProcess

    record = await open_record(found, InProcess())
    try:
        async with record.read() as tx:
            await tx.audit.verify()
            return await tx.audit.head()
    finally:
        await record.close()


@audit.command()
def show(
    ticket: Annotated[str, typer.Argument(help="A ticket's address, owner/repo#12, or its key in the record.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array instead.")] = False,
) -> None:
    """Print what was done about a ticket, by whom and why, oldest first. Exit 1 when there is nothing."""
    found = asyncio.run(_entries(settings(), ticket))
    if not found:
        sys.stderr.write(f"strata: the audit has nothing about {printable(ticket)}\n")
        raise typer.Exit(REFUSED)
    if as_json:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in found], indent=2) + "\n")
        return
    for one in found:
        sys.stdout.write(printable(_line(one)) + "\n")


async def _entries(found: Settings, ticket: str) -> list[Numbered]:
    from bot.bootstrap.core import open_core

    async with open_core(found) as core:
        key = key_of(core, ticket)
        if key is None:
            sys.stderr.write(f"strata: {printable(ticket)} is no ticket: use its address or owner/repo#12\n")
            raise typer.Exit(WRONG)
        async with core.record.read() as tx:
            return await tx.audit.numbered(key)


def _line(one: Numbered) -> str:
    when = datetime.fromtimestamp(one.at / 1000, UTC).isoformat(sep=" ", timespec="seconds")
    facts = " ".join(f"{name}={fact}" for name, fact in sorted(one.entry.facts.items()) if fact)
    erased = "  (facts erased)" if one.entry.is_erased else ""
    return f"{one.seq:>8}  {when}  {one.entry.actor}  {one.entry.action}  {facts}{erased}"
