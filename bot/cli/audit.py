"""`strata audit`: does the chain verify, and what does it say of a ticket."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.record.audit import Entry, Head

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
    entries = asyncio.run(_entries(settings(), ticket))
    if as_json:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in entries], indent=2) + "\n")
    for one in () if as_json else entries:
        sys.stdout.write(_line(one) + "\n")
    if not entries:
        sys.stderr.write(f"strata: the audit has nothing about {ticket}\n")
        raise typer.Exit(REFUSED)


async def _entries(found: Settings, ticket: str) -> list[Entry]:
    from bot.bootstrap.core import open_core
    from bot.bootstrap.github import key_of

    async with open_core(found) as core:
        key = key_of(core, ticket)
        if key is None:
            sys.stderr.write(f"strata: {ticket} is no ticket: use its address or owner/repo#12\n")
            raise typer.Exit(WRONG)
        async with core.record.read() as tx:
            return await tx.audit.entries(key)


def _line(one: Entry) -> str:
    told = " ".join(f"{name}={fact}" for name, fact in sorted(one.facts.items()) if fact)
    text = f"{one.seq:>8}  {one.when}  {one.actor}  {one.action}  {told}{'  (facts erased)' if one.is_erased else ''}"
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
