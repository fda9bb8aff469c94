"""`strata memory`: what approvers' decisions taught, from whom and about which ticket; and taking it back."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.cli.tickets import key_of, printable
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bootstrap.core import Core
    from bot.record.lessons import Told

memory = typer.Typer(help="What approvers' decisions taught, and taking it back.", no_args_is_help=True)

DEFAULT_LIMIT = 50


@memory.command("list")
def list_(
    *,
    project: Annotated[str, typer.Option(help="owner/repo; all of them without it.")] = "",
    install: Annotated[str, typer.Option(help="The tracker account, as GITHUB_INSTALL names it.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest, at most.")] = DEFAULT_LIMIT,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array instead.")] = False,
) -> None:
    """Print what was learnt, newest first: from whom, when, about which ticket, and what had been proposed by which
    engine."""
    rows = asyncio.run(_listed(settings(), project, install, limit))
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    if not rows:
        sys.stdout.write("Nothing was learnt yet: nobody has decided a proposal.\n")
    for row in rows:
        sys.stdout.write(printable(_line(row)) + "\n")


@memory.command()
def forget(
    ticket: Annotated[str, typer.Argument(help="A ticket's address, owner/repo#12, or its key in the record.")],
    *,
    why: Annotated[str, typer.Option(help="Kept in the audit.")],
    install: Annotated[str, typer.Option(help="The tracker account, as GITHUB_INSTALL names it.")] = "",
) -> None:
    """What was decided about this ticket teaches and counts no more, from the next ticket on. The decision stays.

    Exit 1 when nothing was learnt from it.
    """
    count = asyncio.run(_forget(settings(), ticket, why.strip(), install))
    if not count:
        sys.stderr.write(f"strata: nothing was learnt from {printable(ticket)}, or it is forgotten already\n")
        raise typer.Exit(REFUSED)
    sys.stdout.write(f"Forgotten: {count} decision{'s' * (count > 1)} about {printable(ticket)}. The audit says so.\n")


async def _listed(found: Settings, project: str, install: str, limit: int) -> list[dict[str, object]]:
    from bot.bootstrap.core import open_core
    from graphs.model import InstallId, TicketRef, TrackerName

    named = InstallId(install or found.github_install)
    ref = TicketRef(tracker=TrackerName.GITHUB, install=named, project=project, number="")
    async with open_core(found) as core, core.record.read() as tx:
        told = await tx.lessons.listed(ref.place if project else "", limit)
    seen: set[str] = set()
    rows = []
    for one in told:
        rows.append(_row(core, one, replaced=one.lesson.ticket in seen))
        seen.add(one.lesson.ticket)
    return rows


def _row(core: Core, one: Told, *, replaced: bool) -> dict[str, object]:
    lesson, right = one.lesson, one.chosen or one.proposed
    people = {each.slack: each.id for each in core.policies.owners if each.slack}
    return {
        "ticket": one.proposed.target.short,
        "key": lesson.ticket,
        "decided_at": datetime.fromtimestamp(one.decided_at / 1000, UTC).isoformat(timespec="seconds"),
        "decided_by": lesson.by,
        "role": people.get(lesson.by),
        "decision": one.decision.status,
        "reason": getattr(one.decision, "reason", None),
        "proposed_layer": lesson.said,
        "confidence_percent": lesson.share,
        "layer": lesson.layer,
        "was_right": lesson.was_right,
        "kind": right.kind,
        "owner": right.owner.owner if right.owner else None,
        "engine": lesson.engine,
        "proposal": lesson.proposal,
        "state": _state(one, replaced=replaced),
    }


def _state(one: Told, *, replaced: bool) -> str:
    if one.lesson.forgotten:
        return "forgotten"
    if replaced:
        return "replaced by a later decision"
    if one.lesson.layer is None:
        return "counts only" if one.lesson.was_right is not None else "says nothing of layers"
    return "teaches" if one.has_text else "counts only: its text has left the record"


def _line(row: dict[str, object]) -> str:
    said = f"{row['proposed_layer']} ({row['confidence_percent']} %)"
    decided = row["layer"] or "-"
    who = f"{row['role'] or 'an approver'} ({row['decided_by']})"
    kind = f"{row['kind']}, {row['owner'] or 'nobody'}"
    return (
        f"{row['decided_at']}  {row['ticket']}  {row['decision']} by {who}: {said} -> {decided}, {kind}"
        f"  [{row['engine']}]  {row['state']}"
    )


async def _forget(found: Settings, ticket: str, why: str, install: str) -> int:
    from bot.bootstrap.core import open_core
    from bot.service.precedents import forget_lessons
    from graphs.model import InstallId

    async with open_core(found) as core:
        key = key_of(core, ticket, InstallId(install or found.github_install))
        if key is None or not why:
            wrong = (
                "--why is kept in the audit: say something" if key else "is no ticket: use its address or owner/repo#12"
            )
            sys.stderr.write(f"strata: {wrong if key else f'{printable(ticket)} {wrong}'}\n")
            raise typer.Exit(WRONG)
        async with core.record.begin() as tx:
            return await forget_lessons(tx, key, why)
