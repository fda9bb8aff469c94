"""`strata undo`: takes back what Strata wrote to a ticket, and only that. The running executor does it."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.cli.tickets import key_of, printable
from bot.settings import Settings


def undo(
    ticket: Annotated[str, typer.Argument(help="An issue's address, or owner/repo#12.")],
    *,
    install: Annotated[str, typer.Option(help="The tracker account, as its *_INSTALL setting names it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken back; change nothing.")] = False,
) -> None:
    """Take back the newest change set of a ticket: labels, assignee and comment that Strata has written.

    What people have set or changed since stays. Ask again to take back the change set before it.
    """
    asyncio.run(_undo(settings(), ticket, install, dry_run=dry_run))


async def _undo(found: Settings, ticket: str, install: str, *, dry_run: bool) -> None:
    from bot.bootstrap.core import open_core
    from bot.service.undoing import begin, undoable
    from bot.slack.blocks.operations import in_words
    from graphs.model import InstallId, SlackUserId

    async with open_core(found) as core:
        key = key_of(core, ticket, InstallId(install) if install else None)
        if key is None:
            sys.stderr.write(printable(f"strata: {ticket} is no ticket: use its address or owner/repo#12") + "\n")
            raise typer.Exit(WRONG)
        async with core.record.read() as tx:
            written = await tx.proposals.newest_written(key)
            operations = await undoable(tx, written) if written else ()
        if written is None or not operations:
            said = "nothing that Strata wrote is left there, or it is being taken back already"
            sys.stderr.write(printable(f"strata: {ticket}: {said}") + "\n")
            raise typer.Exit(REFUSED)
        sys.stdout.write("".join(printable(f"  {in_words(one)}") + "\n" for one in operations))
        if dry_run:
            sys.stdout.write("Dry run: nothing was changed.\n")
            return
        async with core.record.begin() as tx:
            begun = await begin(tx, written, SlackUserId(f"operator:{getpass.getuser()}"), "operator")
    if begun is None:
        sys.stderr.write("strata: somebody else was quicker: it is being taken back already\n")
        raise typer.Exit(REFUSED)
    sys.stdout.write("The running executor takes this back; the card shows what became of it.\n")
