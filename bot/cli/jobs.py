"""`strata jobs`: what waits, what was given up, and what an operator does about it."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import DONE, REFUSED, WRONG
from bot.cli.setup import settings
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.record.operating import JobLine
    from bot.record.record import Transaction

jobs = typer.Typer(help="Look at jobs, try dead letters again, drop what nobody wants done.", no_args_is_help=True)

MOST_LISTED = 1000
MOST_SHOWN = 100
Act = Callable[["Transaction", "JobLine"], Coroutine[None, None, str]]
"""What is done to one job within its transaction; returns what to tell."""


class State(StrEnum):
    READY = "ready"
    LEASED = "leased"
    DEAD = "dead"
    DONE = "done"


Ids = Annotated[list[int] | None, typer.Argument(help="Ids of jobs, as `strata jobs list` shows them.", min=1)]
Kind = Annotated[str, typer.Option(help="Only jobs of this kind.")]


@jobs.command("list")
def listing(
    *,
    state: Annotated[State | None, typer.Option(help="Only jobs in this state.")] = None,
    kind: Kind = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=MOST_LISTED)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show jobs, the newest first. A dead letter is a job that was given up."""
    _check_kind(kind)
    found, counts = asyncio.run(_list(settings(), state.value if state else "", kind, limit))
    if as_json:
        shown = {"counts": counts, "jobs": [one.model_dump(mode="json") for one in found]}
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
        return
    for one in found:
        sys.stdout.write(_printable(_row(one)) + "\n")
    sys.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()) + "\n")


async def _list(found: Settings, state: str, kind: str, limit: int) -> tuple[list[JobLine], dict[str, int]]:
    from bot.record.opening import open_record
    from bot.work.delivery import InProcess

    record = await open_record(found, InProcess())
    try:
        async with record.read() as tx:
            return await tx.operating.jobs(state=state, kind=kind, limit=limit), await tx.operating.counts()
    finally:
        await record.close()


def _row(one: JobLine) -> str:
    place = f"{one.id:>8}  {one.state:<6}  {one.kind:<16}  {one.attempts:>2} tries  {one.ticket or '-'}"
    waits = f"  in {one.due_in_ms // 1000} s" if one.due_in_ms else ""
    by = f"  by {one.lease_owner}" if one.lease_owner else ""
    return place + waits + by + (f"  {one.error[:MOST_SHOWN]}" if one.error else "")


@jobs.command("retry")
def retry(
    ids: Ids = None,
    *,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead letter that was not dropped.")] = False,
    kind: Kind = "",
) -> None:
    """Give dead letters all their attempts again. Exit 1 when one of them cannot be tried again."""
    _check_kind(kind)
    if bool(ids) == all_dead or (kind and ids):
        _wrong("name the jobs, or say --all-dead, which takes --kind")
    raise typer.Exit(asyncio.run(_each(settings(), ids, kind, _retry)))


@jobs.command("drop")
def drop(
    ids: Ids = None,
    *,
    why: Annotated[str, typer.Option(help="Kept with the job and in the audit.")],
) -> None:
    """End jobs that nobody works on. What depended on them ends visibly, as if they had been given up."""
    if not ids:
        _wrong("name the jobs to drop")
    if not why.strip():
        _wrong("--why must say something: it is all that is left of the job")

    async def dropped(tx: Transaction, one: JobLine) -> str:
        return await _drop(tx, one, why.strip())

    raise typer.Exit(asyncio.run(_each(settings(), ids, "", dropped)))


async def _each(found: Settings, ids: Sequence[int] | None, kind: str, act: Act) -> int:
    """Does it to each job in a transaction of its own; without `ids` to every dead letter. The exit code."""
    from bot.bootstrap.core import open_core
    from bot.record.operating import NotPossible
    from bot.record.states import LostRace

    refused = 0
    async with open_core(found) as core:
        if ids is None:
            async with core.record.read() as tx:
                ids = await tx.operating.given_up(kind)
        for job in dict.fromkeys(ids):
            try:
                async with core.record.begin() as tx:
                    told = await act(tx, await tx.operating.get(job))
            except (NotPossible, LostRace) as error:
                refused += 1
                sys.stderr.write(_printable(f"strata: {error}") + "\n")
            else:
                sys.stdout.write(_printable(told) + "\n")
    if not ids:
        sys.stdout.write("There are no dead letters to try again.\n")
    return REFUSED if refused else DONE


async def _retry(tx: Transaction, one: JobLine) -> str:
    from bot.record.operating import NotPossible
    from bot.tasks import EXECUTOR_KINDS

    if one.kind in EXECUTOR_KINDS and one.state == "dead":
        anew = f"`strata triage {one.ticket.split(':', 2)[-1]}`" if one.ticket else "a new triage"
        raise NotPossible(f"job {one.id} ({one.kind}) ended what it was to write as failed: it takes {anew} instead")
    await tx.operating.retry(one.id)
    await _audit(tx, "job_retried", one, why=one.error)
    return f"Job {one.id} ({one.kind}) is tried again."


async def _drop(tx: Transaction, one: JobLine, why: str) -> str:
    from bot.service.triaging import buried

    ended = await tx.operating.drop(one.id, why)
    if ended is not None:
        await buried(tx, ended, f"dropped by an operator: {why}")
    await _audit(tx, "job_dropped", one, why=why)
    return f"Job {one.id} ({one.kind}) is dropped."


async def _audit(tx: Transaction, action: str, one: JobLine, why: str) -> None:
    subject = one.ticket or f"job:{one.id}"
    await tx.audit.append("operator", action, subject, job=str(one.id), kind=one.kind, by=_who(), why=why)


def _who() -> str:
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"operator:{os.getuid()}"


def _check_kind(kind: str) -> None:
    from bot.tasks import PRIORITY

    if kind and kind not in PRIORITY:
        _wrong(f"there is no kind {kind!r}; there are {', '.join(sorted(PRIORITY))}")


def _wrong(what: str) -> None:
    sys.stderr.write(_printable(f"strata: {what}") + "\n")
    raise typer.Exit(WRONG)


def _printable(line: str) -> str:
    """Errors and keys may hold what somebody else wrote: no terminal is steered by it."""
    return "".join(one if one.isprintable() else "\ufffd" for one in line)
