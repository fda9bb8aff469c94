"""`strata prompts`: which versions are in use, and how another one becomes active."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.cli.exits import REFUSED, WRONG

prompts = typer.Typer(
    help="Look at the prompts in use and release another version: measured, compared, with a name to it.",
    no_args_is_help=True,
)
Which = Annotated[str, typer.Argument(metavar="NAME/VERSION", help="For example triage/v2.")]
Folder = Annotated[Path | None, typer.Option(help="The folder of the prompts; those of this program if left out.")]


@prompts.command(name="list")
def list_(*, folder: Folder = None) -> None:
    """Show each active prompt with who approved it and whether it was measured."""
    from bot.evaluation.releasing import listed
    from prompts.loader import FOLDER

    for one in listed(folder or FOLDER):
        sys.stdout.write(f"{one.label}  approved by {one.approver}, {one.score}\n")


@prompts.command()
def attach(
    which: Which,
    report: Annotated[Path, typer.Argument(help="What strata eval FILE --engine claude --prompt … --json wrote.")],
    *,
    folder: Folder = None,
) -> None:
    """Attach an evaluation report to a version that is not released yet. Exit 1 when it is about another text."""
    from bot.evaluation.releasing import NotReleased
    from bot.evaluation.releasing import attach as attaching
    from prompts.loader import FOLDER

    try:
        digest = attaching(*_named(which), report, folder or FOLDER)
    except NotReleased as error:
        _end(str(error), REFUSED)
    sys.stdout.write(f"{which} carries report:{digest}\n")


@prompts.command()
def activate(
    which: Which,
    *,
    by: Annotated[str, typer.Option(help="Who approves it: a role handle such as ml-lead.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whether it may.")] = False,
    folder: Folder = None,
) -> None:
    """Make a version the active one. Exit 1 when the reports speak against it; nothing is written then.

    Layer macro-F1 may not be worse beyond its interval, quotes may not be worse, an answer may not cost more than 1.25
    times as much. A version without a report may only follow one without a report; its score stays `unmeasured`.
    """
    from bot.evaluation.releasing import NotReleased, reasons
    from bot.evaluation.releasing import activate as activating
    from prompts.loader import FOLDER

    name, version = _named(which)
    try:
        if dry_run:
            if why := reasons(name, version, folder or FOLDER):
                _end(f"{which} would not be activated: {'; '.join(why)}", REFUSED)
            sys.stdout.write(f"Dry run: {which} may be activated.\n")
            return
        found = activating(name, version, by, folder or FOLDER)
    except NotReleased as error:
        _end(str(error), REFUSED)
    sys.stdout.write(f"{found.label} is active, approved by {by}, {found.score}. Commit the change: it is a release.\n")


def _named(which: str) -> tuple[str, str]:
    name, _, version = which.partition("/")
    if not (name.isidentifier() and version.isidentifier()):
        _end(f"{which} names no version: write NAME/VERSION, for example triage/v2", WRONG)
    return name, version


def _end(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"strata: {message}\n")
    raise typer.Exit(code)
