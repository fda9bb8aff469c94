"""`strata sweep`: the backlog as it is today gets its turn, oldest first."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import settings
from bot.settings import Settings

DEFAULT_LIMIT = 20


def sweep(
    projects: Annotated[
        list[str] | None, typer.Argument(help="owner/repo; without any, those of GITHUB_REPOSITORIES.")
    ] = None,
    *,
    limit: Annotated[
        int, typer.Option(help="Tickets to queue at most: each becomes a card that somebody reads.", min=1)
    ] = DEFAULT_LIMIT,
    everything: Annotated[bool, typer.Option("--all", help="No limit.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Queue open tickets that were never triaged. New tickets and people's decisions always come first."""
    found = settings()
    asyncio.run(
        _sweep(found, tuple(projects or ()), sys.maxsize if everything else limit, dry_run=dry_run, as_json=as_json)
    )


async def _sweep(found: Settings, named: tuple[str, ...], limit: int, *, dry_run: bool, as_json: bool) -> None:
    from bot.bootstrap import install_of, open_core
    from bot.bootstrap.github import open_backlog
    from bot.service.sweeping import Sweeping, Swept

    def progress(so_far: Swept) -> None:
        sys.stderr.write(f"strata: {so_far.seen} open tickets seen, {so_far.queued} queued\n")

    async with open_core(found) as core, open_backlog(core) as backlog:
        install = install_of(core)
        projects = named or tuple(one for one in found.github_repositories if not set(one) & set("*?"))
        wrong = [one for one in projects if not install.covers(one)]
        if wrong:
            _no(f"GITHUB_REPOSITORIES does not cover {wrong[0]}")
        if not projects:
            _no("GITHUB_REPOSITORIES has only patterns: name the projects, strata sweep acme/assistant")
        swept = await Sweeping(core.record, backlog, progress).sweep(install.id, projects, limit, dry_run=dry_run)
    if as_json:
        sys.stdout.write(json.dumps({**swept.model_dump(), "dry_run": dry_run}) + "\n")
    else:
        sys.stdout.write(_told(swept.queued, swept.known, dry_run=dry_run))


def _told(queued: int, known: int, *, dry_run: bool) -> str:
    if dry_run:
        return f"Dry run: {queued} tickets would be queued; {known} were triaged before or wait already.\n"
    return f"Queued {queued} tickets for the running bot; {known} were triaged before or wait already.\n"


def _no(why: str) -> None:
    sys.stderr.write(f"strata: {why}\n")
    raise typer.Exit(WRONG)
