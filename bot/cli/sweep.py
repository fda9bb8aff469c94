"""`strata sweep`: the backlog as it is today gets its turn, oldest first."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import WRONG
from bot.cli.setup import settings
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.record.record import Record

DEFAULT_LIMIT = 20
LOOK_EVERY_S = 2.0


def sweep(
    projects: Annotated[
        list[str] | None, typer.Argument(help="owner/repo; without any, those of GITHUB_REPOSITORIES.")
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
    from bot.bootstrap import install_of, open_core
    from bot.bootstrap.github import open_backlog
    from bot.service.sweeping import Sweeping, Swept

    def progress(so_far: Swept) -> None:
        sys.stderr.write(f"strata: {so_far.seen} open tickets seen, {so_far.queued} queued\n")

    async with open_core(found) as core, open_backlog(core, chosen.since) as backlog:
        install = install_of(core)
        projects = chosen.projects or tuple(one for one in found.github_repositories if not set(one) & set("*?"))
        wrong = [one for one in projects if not install.covers(one)]
        if wrong:
            _no(f"GITHUB_REPOSITORIES does not cover {wrong[0]}")
        if not projects:
            _no("GITHUB_REPOSITORIES has only patterns: name the projects, strata sweep acme/assistant")
        sweeping = Sweeping(core.record, backlog, progress)
        swept = await sweeping.sweep(install.id, projects, chosen.limit, dry_run=chosen.dry_run)
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


def _told(queued: int, known: int, *, dry_run: bool) -> str:
    if dry_run:
        return f"Dry run: {queued} tickets would be queued; {known} were triaged before or wait already.\n"
    return f"Queued {queued} tickets for the running bot; {known} were triaged before or wait already.\n"


def _no(why: str) -> None:
    sys.stderr.write(f"strata: {why}\n")
    raise typer.Exit(WRONG)
