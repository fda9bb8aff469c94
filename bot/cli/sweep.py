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
from bot.trackers.contract import Which

if TYPE_CHECKING:
    from bot.batches.backlog import Told
    from bot.bootstrap import Core
    from bot.bootstrap.trackers import Trackers
    from bot.record.record import Record
    from bot.trackers.contract import Listing, TrackerReader
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
    state: Annotated[Which, typer.Option(help="Which tickets: closed ones get a card too if they are asked for.")] = (
        Which.OPEN
    ),
    batch: Annotated[
        bool,
        typer.Option(
            "--batch", help="Ask the model in Message Batches first: half the price, no look-ups, within a day."
        ),
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Stay and tell how far it is, what it costs and how long it will take.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Queue tickets that were never triaged. New tickets and people's decisions always come first.

    It can be interrupted and started again at any time; what is queued stays queued for the running bot. Only some
    cards of a sweep wait in the channel at once (STRATA_SWEEP_CARDS), the others follow as these are decided. With
    --batch the command waits for the answers, and whoever starts it again reads them instead of asking twice.
    """
    chosen = _Chosen(
        projects=tuple(projects or ()),
        limit=sys.maxsize if everything else limit,
        since=since.date() if since else None,
        which=state,
        batch=batch and not dry_run,
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
    which: Which
    batch: bool
    follow: bool
    dry_run: bool
    as_json: bool


async def _sweep(found: Settings, chosen: _Chosen) -> None:
    from bot.bootstrap import open_core
    from bot.service.sweeping import Sweeping, Swept

    def progress(so_far: Swept) -> None:
        _tell(f"{so_far.seen} tickets seen, {so_far.queued} {'chosen' if chosen.batch else 'queued'}")

    refs: list[TicketRef] = []
    only_look, closed_too = chosen.dry_run or chosen.batch, chosen.which is not Which.OPEN
    async with open_core(found) as core, core.trackers.reading(core.shares) as reader:
        backlog, swept = _Asked(reader, chosen), Swept()
        sweeping = Sweeping(core.record, backlog, progress, refs.extend, closed_too=closed_too)
        for install, projects in _places(core.trackers, chosen.projects).items():
            swept = await sweeping.sweep(install, projects, chosen.limit, dry_run=only_look, so_far=swept)
        batched = await _in_batches(core, reader, refs, closed_too=closed_too) if chosen.batch else None
        if chosen.as_json:
            more = {"batched": batched.model_dump()} if batched else {}
            sys.stdout.write(json.dumps({**swept.model_dump(), "dry_run": chosen.dry_run, **more}) + "\n")
        elif batched:
            sys.stdout.write(_told_of_batches(batched, swept.known))
        else:
            sys.stdout.write(_told(swept.queued, swept.known, dry_run=chosen.dry_run))
        if chosen.follow:
            sys.stdout.flush()
            await _follow(core.record)


async def _in_batches(core: Core, reader: TrackerReader, refs: list[TicketRef], *, closed_too: bool) -> Told:
    from bot.batches import post
    from bot.batches.backlog import open_batches
    from bot.batches.state import BadState

    try:
        async with open_batches(core, reader, _tell, post.PACE) as batches:
            return await batches.sweep(refs, closed_too=closed_too)
    except BadState as error:
        _no(str(error))


async def _follow(record: Record) -> None:
    from bot.service.spending import RecordJournal
    from bot.service.watching import Watching

    watching, told = await Watching.of(record, RecordJournal(record)), ""
    while True:
        far = await watching.look()
        if far.words != told:
            told = far.words
            _tell(told)
        if far.left == 0:
            return
        await asyncio.sleep(LOOK_EVERY_S)


class _Asked:
    """Implements `bot.service.sweeping.Backlog`: open or closed, filed on a day or later."""

    def __init__(self, listing: Listing, chosen: _Chosen) -> None:
        self._listing = listing
        self._since = chosen.since
        self._which = chosen.which

    def tickets(self, install: InstallId, project: str) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._listing.tickets(install, project, self._since, self._which)


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


def _told_of_batches(told: Told, known: int) -> str:
    left = f"; {told.left} wait for another sweep: the model budget is used up" if told.left else ""
    skipped = f"; {told.skipped} closed, not to be read or triaged meanwhile" if told.skipped else ""
    return (
        f"Queued {told.queued} tickets for the running bot, {told.answered} of them with an answer, for"
        f" ${told.usd:.4f}; {known} were triaged before or wait already{left}{skipped}.\n"
    )


def _tell(text: str) -> None:
    sys.stderr.write(f"strata: {text}\n")
    sys.stderr.flush()


def _no(why: str) -> NoReturn:
    _tell(why)
    raise typer.Exit(WRONG)
