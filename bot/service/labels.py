"""Labels that the policies name and a tracker does not have: found with the reading half, made with the writing one.

Proposals make a label when a person approves it; this makes them all beforehand, on an operator's word. Never renames,
recolours or deletes one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from bot.record.record import Record
from graphs.model import InstallId, TicketRef, TrackerName
from graphs.names import folded


class Reads(Protocol):
    async def labels(self, ref: TicketRef) -> frozenset[str]: ...


class Makes(Protocol):
    async def create_label(self, ref: TicketRef, label: str) -> None: ...


def place(tracker: TrackerName, install: InstallId, project: str) -> TicketRef:
    """A project as the trackers' halves name one; no ticket of it is meant."""
    return TicketRef(tracker=tracker, install=install, project=project, number="0")


async def missing(reader: Reads, where: TicketRef, wanted: Collection[str]) -> tuple[str, ...]:
    """In order of name. Raises a `graphs.errors.TrackerError`."""
    there = folded(await reader.labels(where))
    return tuple(sorted(one for one in wanted if one.casefold() not in there))


async def make(record: Record, writer: Makes, where: TicketRef, labels: Iterable[str], by: str) -> None:
    """One after the other, each audited once it is there. Raises a `graphs.errors.TrackerError`."""
    for label in labels:
        await writer.create_label(where, label)
        async with record.begin() as tx:
            await tx.audit.append("operator", "label_created", where.key.partition("#")[0], label=label, by=by)
