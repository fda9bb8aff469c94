"""What an owner has had lately: how many tickets, of which layers, and whether they are away."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from graphs.acts import Action
from graphs.archive.past import Library
from graphs.model import CleanTicket, LayerId, Millis, OwnerId, Value
from graphs.owners import Owners
from graphs.tools.offered import Case, Offered, Told, ToolInput
from graphs.tools.toolbox import Arguments

DAY_MS = 86_400_000
WEEK, QUARTER = 7, 90
MOST_NAMES = 3


class WhichOwner(Arguments):
    owner: OwnerId
    ticket: CleanTicket
    now: Millis


class OwnersRecord(Value):
    owner: OwnerId
    known: bool
    away: bool
    this_week: int
    this_quarter: int
    most_a_week: int | None
    layers: dict[LayerId, int]
    recent: tuple[str, ...]
    """Names of the newest tickets that may be seen."""


class OwnerHistory:
    action = Action.OWNER_HISTORY

    def __init__(self, owners: Owners, library: Library) -> None:
        self._owners = owners
        self._library = library

    async def run(self, arguments: WhichOwner) -> OwnersRecord:
        owner = next((one for one in self._owners.everybody() if one.id == arguments.owner), None)
        past = await self._library.all(arguments.ref.install, arguments.now)
        mine = [one for one in past if owner is not None and one.owner == owner.id]
        quarter = [one for one in mine if one.decided_at > arguments.now - QUARTER * DAY_MS]
        today = datetime.fromtimestamp(arguments.now / 1000, UTC).date()
        return OwnersRecord(
            owner=arguments.owner,
            known=owner is not None,
            away=owner is not None and owner.away(today),
            this_week=sum(one.decided_at > arguments.now - WEEK * DAY_MS for one in quarter),
            this_quarter=len(quarter),
            most_a_week=owner.most_a_week if owner else None,
            layers=dict(Counter(one.layer for one in quarter)),
            recent=tuple(one.name for one in mine if one.visible_to(arguments.ticket))[:MOST_NAMES],
        )


class Who(ToolInput):
    owner: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="Id of an owner, such as data-lead.")]


def offer(tool: OwnerHistory) -> Offered[Who, WhichOwner, OwnersRecord]:
    return Offered(
        tool=tool,
        question=Who,
        purpose="What an owner took in the last week and quarter, of which layers, and whether they are away.",
        arguments=lambda asked, case: WhichOwner(
            ref=case.ticket.ref, owner=OwnerId(asked.owner), ticket=case.ticket, now=case.now
        ),
        told=_told,
    )


def _told(found: OwnersRecord, case: Case) -> Told:
    del case
    if not found.known:
        return Told("no owner of that id")
    most = f" of at most {found.most_a_week}" if found.most_a_week else ""
    layers = ", ".join(f"{layer} {count}" for layer, count in sorted(found.layers.items())) or "none"
    lines = [
        f"{found.owner}: {'away today' if found.away else 'not away'}",
        f"tickets in 7 days: {found.this_week}{most}; in 90 days: {found.this_quarter} ({layers})",
        f"newest: {', '.join(found.recent) or 'none that may be shown'}",
    ]
    return Told("\n".join(lines), {found.owner: found.owner})
