"""`strata labels sync`: makes the labels that the policies name, in every project, before anybody needs them."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.cli.tickets import printable
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bootstrap.trackers import Trackers
    from graphs.model import TicketRef

labels = typer.Typer(help="The labels of your policies in your trackers.", no_args_is_help=True)


@labels.callback()
def _group() -> None:
    """Keeps `sync` a command of its own."""


@labels.command()
def sync(
    projects: Annotated[list[str] | None, typer.Argument(help="owner/repo; else those of the settings.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is missing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make the labels that layers.yaml and labels.yaml name where they are missing. Nothing else is touched.

    Exit 1 when you say no. Uses the write token, so run it where the executor runs.
    """
    asyncio.run(_sync(settings(), tuple(projects or ()), dry_run=dry_run, yes=yes))


async def _sync(found: Settings, named: tuple[str, ...], *, dry_run: bool, yes: bool) -> None:
    from bot.bootstrap import open_core
    from bot.bootstrap.executor import open_writers
    from bot.service.labels import make, missing

    async with open_core(found) as core, core.trackers.reading(core.shares) as reader:
        lacking: dict[TicketRef, tuple[str, ...]] = {}
        for one in _places(core.trackers, named):
            able = core.trackers.capabilities(one.tracker)
            if able.makes_labels_by_use:
                told = f"nothing to make: {able.title} makes a label when a ticket first carries it"
                sys.stdout.write(printable(f"{one.tracker} {one.project}: {told}") + "\n")
            else:
                lacking[one] = await missing(reader, one, core.taxonomy.labels)
        for one, names in lacking.items():
            told = ", ".join(names) or "nothing is missing"
            sys.stdout.write(printable(f"{one.tracker} {one.project}: {told}") + "\n")
        if dry_run or not any(lacking.values()):
            return
        if not yes and not typer.confirm("Make these labels?", err=True):
            raise typer.Exit(REFUSED)
        async with open_writers(core) as writers:
            for one, names in lacking.items():
                await make(core.record, writers[one.install], one, names, getpass.getuser())
    count = sum(len(names) for names in lacking.values())
    sys.stdout.write(f"Made {count} label{'s' * (count != 1)}.\n")


def _places(trackers: Trackers, named: tuple[str, ...]) -> list[TicketRef]:
    from bot.service.labels import place
    from graphs.model import TrackerName

    listed = [one for install in trackers.installs for one in install.projects if not set(one) & set("*?[")]
    found = []
    for project in named or listed:
        adapter = trackers.covering(project)
        if adapter is None:
            _wrong(f"no tracker of the settings covers {project}")
        found.append(place(TrackerName(adapter.install.provider), adapter.install.id, project))
    if not found:
        _wrong("the settings name only patterns: name the projects, strata labels sync acme/assistant")
    return found


def _wrong(why: str) -> NoReturn:
    sys.stderr.write(printable(f"strata: {why}") + "\n")
    raise typer.Exit(WRONG)
