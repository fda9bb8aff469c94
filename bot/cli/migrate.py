"""`strata migrate`: brings the stores to this program's schema, or copies them from SQLite to PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED
from bot.cli.setup import log_to_stderr, settings
from bot.settings import BadSetting, Settings

if TYPE_CHECKING:
    from bot.moving import Standing

_SQLITE = "sqlite+aiosqlite:///"


def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 when something is behind.")] = False,
    copy_from: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Copy this SQLite record into the empty PostgreSQL of STRATA_RECORD_URL."),
    ] = None,
) -> None:
    """Bring record and checkpoints to the newest schema. Every start does so too."""
    found = settings()
    if copy_from is not None and check:
        raise BadSetting("--check and --copy-from are two different things: give one of them")
    if not check:  # the log's redactor makes a key where there is none
        log_to_stderr(found)
    if copy_from is not None:
        asyncio.run(_copy(found, _file(copy_from)))
    elif not asyncio.run(_migrate(found, change=not check)):
        raise typer.Exit(REFUSED)


def _file(named: str) -> Path:
    """A path, or the address that STRATA_RECORD_URL had."""
    if "://" in named and not named.startswith(_SQLITE):
        raise BadSetting("--copy-from takes the path of an SQLite record, or sqlite+aiosqlite:///path")
    return Path(named.removeprefix(_SQLITE))


async def _migrate(found: Settings, *, change: bool) -> bool:
    """Whether everything is at its newest now."""
    from bot.moving import bring_up, standing

    before = await standing(found)
    if change:
        await bring_up(found)
    after = await standing(found) if change else before
    for old, new in zip(before, after, strict=True):
        sys.stdout.write(f"{_sentence(old, new)}\n")
    return not any(one.is_behind for one in after)


def _sentence(old: Standing, new: Standing) -> str:
    if not old.is_behind:
        return f"{old.store}: {old.found}, the newest"
    if new.is_behind:
        return f"{old.store}: {old.found or 'nothing there yet'}, this program needs {old.newest}"
    return f"{old.store}: {old.found or 'nothing'} -> {new.found}"


async def _copy(found: Settings, source: Path) -> None:
    from bot.moving import move

    moved = await move(found, source, _tell)
    total = sum(moved.rows.values())
    sys.stdout.write(f"{total} rows of {len(moved.rows)} tables copied and compared, the audit chain verifies\n")
    if moved.threads is None:
        sys.stdout.write("no checkpoints.db beside it: what waits is decided from the record\n")
    else:
        lost = f", {len(moved.threads.given_up)} could not be read" if moved.threads.given_up else ""
        sys.stdout.write(f"{moved.threads.copied} waiting threads copied{lost}\n")
    sys.stdout.write("nothing was deleted: start no bot on the old file any more\n")


def _tell(what: str, done: int, of: int) -> None:
    if of:
        sys.stderr.write(f"{what}: {done} of {of}\n")
