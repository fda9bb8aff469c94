"""`strata sweep`: the backlog as it is today gets its turn, oldest first."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import settings
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bootstrap.trackers import Trackers
    from bot.record.record import Record
    from bot.trackers.contract import Listing
    from graphs.model import InstallId, TicketRef

DEFAULT_LIMIT = 20
LOOK_EVERY_S = 2.0


def sweep(
    projects: Annotated[
        list[str] | None, typer.Argument(help="owner/repo; without any, those that the settings name.")
    ] = None,
    *,
    limit: Annotated[
        int, typer.Option(help="Tickets to queue at most: each becomes a card that somebody reads.", min=1)
    ] = DEFAULT_LIMIT,
    everything: Annotated[bool, typer.Option("--all", help="No limit.")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only tickets filed on this day or later (UTC).")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Stay and tell how far it is, what it costs and how long it will take.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Queue open tickets that were never triaged. New tickets and people's decisions always come first.

    It can be interrupted and started again at any time; what is queued stays queued for the running bot.
    """
    chosen = _Chosen(
        projects=tuple(projects or ()),
        limit=sys.maxsize if everything else limit,
        since=since.date() if since else None,
        follow=follow and not dry_run,
        dry_run=dry_run,
        as_json=as_json,
    )
    asyncio.run(_sweep(settings(), chosen))


@dataclass(frozen=True)
class _Chosen:
    projects: tuple[str, ...]
    limit: int
    since: date | None
    follow: bool
    dry_run: bool
    as_json: bool


async def _sweep(found: Settings, chosen: _Chosen) -> None:
    from bot.bootstrap import open_core
    from bot.service.sweeping import Sweeping, Swept

    def progress(so_far: Swept) -> None:
        sys.stderr.write(f"strata: {so_far.seen} open tickets seen, {so_far.queued} queued\n")

    async with open_core(found) as core, core.trackers.reading(core.shares) as reader:
        sweeping, swept = Sweeping(core.record, _FiledSince(reader, chosen.since), progress), Swept()
        for install, projects in _places(core.trackers, chosen.projects).items():
            swept = await sweeping.sweep(install, projects, chosen.limit, dry_run=chosen.dry_run, so_far=swept)
        if chosen.as_json:
            sys.stdout.write(json.dumps({**swept.model_dump(), "dry_run": chosen.dry_run}) + "\n")
        else:
            sys.stdout.write(_told(swept.queued, swept.known, dry_run=chosen.dry_run))
        if chosen.follow:
            sys.stdout.flush()
            await _follow(core.record)


async def _follow(record: Record) -> None:
    from bot.service.spending import RecordJournal
    from bot.service.watching import Watching

    watching, told = await Watching.of(record, RecordJournal(record)), ""
    while True:
        far = await watching.look()
        if far.words != told:
            told = far.words
            sys.stderr.write(f"strata: {told}\n")
        if far.left == 0:
            return
        await asyncio.sleep(LOOK_EVERY_S)


class _FiledSince:
    """Implements `bot.service.sweeping.Backlog`: what was filed on a day or later."""

    def __init__(self, listing: Listing, since: date | None) -> None:
        self._listing = listing
        self._since = since

    def open_tickets(self, install: InstallId, project: str) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._listing.open_tickets(install, project, self._since)


def _places(trackers: Trackers, named: tuple[str, ...]) -> dict[InstallId, tuple[str, ...]]:
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
