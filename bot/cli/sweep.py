"""`strata sweep`: the backlog as it is today gets its turn, oldest first."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import settings
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bootstrap.trackers import Trackers
    from graphs.model import InstallId

DEFAULT_LIMIT = 20


def sweep(
    projects: Annotated[
        list[str] | None, typer.Argument(help="owner/repo; without any, those that the settings name.")
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
    from bot.bootstrap import open_core
    from bot.service.sweeping import Sweeping, Swept

    def progress(so_far: Swept) -> None:
        sys.stderr.write(f"strata: {so_far.seen} open tickets seen, {so_far.queued} queued\n")

    async with open_core(found) as core, core.trackers.reading(core.shares) as reader:
        sweeping, swept = Sweeping(core.record, reader, progress), Swept()
        for install, projects in _chosen(core.trackers, named).items():
            swept = await sweeping.sweep(install, projects, limit, dry_run=dry_run, so_far=swept)
    if as_json:
        sys.stdout.write(json.dumps({**swept.model_dump(), "dry_run": dry_run}) + "\n")
    else:
        sys.stdout.write(_told(swept.queued, swept.known, dry_run=dry_run))


def _chosen(trackers: Trackers, named: tuple[str, ...]) -> dict[InstallId, tuple[str, ...]]:
    """The projects to sweep, by the install that covers them."""
    chosen: dict[InstallId, tuple[str, ...]] = {}
    listed = tuple(one for install in trackers.installs for one in install.projects if not set(one) & set("*?"))
    settings = " and ".join(one.projects_setting for one in trackers.in_use or trackers.adapters[:1])
    for project in named or listed:
        adapter = trackers.covering(project)
        if adapter is None:
            _no(f"{settings} does not cover {project}")
        chosen[adapter.install.id] = (*chosen.get(adapter.install.id, ()), project)
    if not chosen:
        _no(f"{settings} has only patterns: name the projects, strata sweep acme/assistant")
    return chosen


def _told(queued: int, known: int, *, dry_run: bool) -> str:
    if dry_run:
        return f"Dry run: {queued} tickets would be queued; {known} were triaged before or wait already.\n"
    return f"Queued {queued} tickets for the running bot; {known} were triaged before or wait already.\n"


def _no(why: str) -> NoReturn:
    sys.stderr.write(f"strata: {why}\n")
    raise typer.Exit(WRONG)
