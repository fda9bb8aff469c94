"""`strata triage <issue url | key | file.json> --dry-run`: a proposal in the terminal, without touching anything."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bootstrap.core import Core


def triage(
    ticket: Annotated[str, typer.Argument(help="An issue's address, owner/repo#12, or a JSON file with a ticket.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the proposal; store and post nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --dry-run: print the proposal as JSON.")] = False,
) -> None:
    """Propose something for one ticket: here with --dry-run, else as a card in Slack by the running bot."""
    from bot.dry_run import is_file

    found = settings()
    if dry_run:
        asyncio.run(_dry(found, ticket, as_json=as_json))
    elif is_file(Path(ticket)):
        sys.stderr.write("strata: a file can only be tried with --dry-run: there is no ticket to write to\n")
        raise typer.Exit(WRONG)
    else:
        asyncio.run(_queue(found, ticket))


async def _dry(found: Settings, ticket: str, *, as_json: bool) -> None:
    from bot.dry_run import propose
    from bot.slack.blocks.as_text import as_text
    from bot.slack.blocks.card import card
    from bot.trackers.contract import BadLink

    try:
        view, why = await propose(found, ticket)
    except BadLink as error:
        sys.stderr.write(f"strata: {error}\n")
        raise typer.Exit(WRONG) from None
    if view is None:
        sys.stderr.write(f"strata: nothing to propose: {why}\n")
        raise typer.Exit(REFUSED)
    if as_json:
        shown = {"proposal": view.proposal.model_dump(mode="json"), "analysis": view.analysis.model_dump(mode="json")}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(as_text(card(view).blocks) + "\n\nDry run: nothing was stored, posted or written.\n")


async def _queue(found: Settings, ticket: str) -> None:
    """Leaves the job in the record; the running bot does the rest."""
    from bot.bootstrap import open_core
    from bot.tasks import TriageTicket

    async with open_core(found) as core:
        ref = core.trackers.locate(ticket)
        if ref is None:
            sys.stderr.write(f"strata: {ticket} is no ticket of {_settings(core)}; use its address or owner/repo#12\n")
            raise typer.Exit(WRONG)
        async with core.record.begin() as tx:
            await tx.jobs.add(TriageTicket(ref=ref, why="asked for by command"), ticket=ref.key)
    sys.stdout.write(f"Queued {ref.short}: the running bot reads it and posts a card.\n")


def _settings(core: Core) -> str:
    """Where the projects are listed that may be triaged."""
    return " or ".join(one.projects_setting for one in core.trackers.in_use or core.trackers.adapters[:1])
