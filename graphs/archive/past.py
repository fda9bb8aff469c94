"""Past tickets with what people decided about them: searched, read by name, counted by owner.

Owns what is held in memory and who may see what: a public ticket leads to public ones only, a private one to those of
its own project and to public ones. Must not decide anything. What the record has forgotten is gone at the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from graphs.model import CleanTicket, InstallId, Kind, LayerId, Millis, OwnerId, TicketRef, Value
from graphs.similar.index import Entry
from graphs.similar.projects import SimilarByProject

MOST = 2_000
AT_ONCE = 200
"""Handing so few tickets to a thread takes longer than looking through them."""
LOOK_MS = 30_000
"""How long an answer of the record is good enough."""


class Settled(Value):
    """A ticket about which a person decided. Its text is clean, and as untrusted as ever."""

    key: str
    ref: TicketRef
    title: str
    body: str
    private: bool
    layer: LayerId
    kind: Kind
    owner: OwnerId | None
    decided_at: Millis

    @property
    def name(self) -> str:
        """What people and prompts call it."""
        return self.ref.short

    def visible_to(self, ticket: CleanTicket) -> bool:
        if self.ref.install != ticket.ref.install:
            return False
        home = self.ref.project.casefold() == ticket.ref.project.casefold()
        return not self.private or (ticket.private and home)


class SettledTickets(Protocol):
    """Tickets with an approved proposal, as the record has them."""

    async def keys(self, install: InstallId, most: int) -> Sequence[str]:
        """Ids of the newest decisions, newest first; equal ids stand for equal tickets."""
        ...

    async def read(self, keys: Collection[str]) -> Sequence[Settled]:
        """Those that are still there; the key of each is its id."""
        ...


@dataclass(slots=True)
class _Held:
    index: SimilarByProject = field(default_factory=SimilarByProject)
    tickets: dict[str, Settled] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    """Keys that need not be read again; some of them had nothing to tell."""
    looked: Millis | None = None


class Library:
    """One shelf for each installation, brought up to date before it is used. Without a source it is empty."""

    def __init__(self, source: SettledTickets | None = None) -> None:
        self._source = source
        self._shelves: dict[InstallId, _Held] = {}
        self._looking = asyncio.Lock()

    async def search(self, words: str, ticket: CleanTicket, now: Millis, most: int) -> list[tuple[Settled, float]]:
        """The most similar ones that may be seen, best first. Raises `graphs.errors.Outage`."""
        shelf = await self._shelf(ticket.ref.install, now)
        project = ticket.ref.project.casefold()
        asked = Entry(key=ticket.ref.key, title=words, body="", at=now, project=project, private=ticket.private)
        async with self._looking:
            small = len(shelf.index) <= AT_ONCE
            hits = shelf.index.find(asked, most) if small else await asyncio.to_thread(shelf.index.find, asked, most)
        found = [(shelf.tickets[hit.key], hit.score) for hit in hits if hit.key in shelf.tickets]
        return [(one, score) for one, score in found if one.visible_to(ticket) and one.ref.key != ticket.ref.key]

    async def find(self, ref: TicketRef, now: Millis) -> Settled | None:
        """By name, whoever asks: the gate is asked first, with what `Settled.private` says."""
        shelf = await self._shelf(ref.install, now)
        return next((one for one in shelf.tickets.values() if one.ref.key == ref.key), None)

    async def all(self, install: InstallId, now: Millis) -> list[Settled]:
        """Newest first."""
        shelf = await self._shelf(install, now)
        return sorted(shelf.tickets.values(), key=lambda one: -one.decided_at)

    async def _shelf(self, install: InstallId, now: Millis) -> _Held:
        async with self._looking:
            shelf = self._shelves.setdefault(install, _Held())
            if shelf.looked is None or not 0 <= now - shelf.looked < LOOK_MS:
                await self._look(install, shelf)
                shelf.looked = now
            return shelf

    async def _look(self, install: InstallId, shelf: _Held) -> None:
        if self._source is None:
            return
        keys = await self._source.keys(install, MOST)
        for gone in set(shelf.tickets) - set(keys):
            del shelf.tickets[gone]
            shelf.index.remove(gone)
        new, shelf.read = [key for key in keys if key not in shelf.read], set(keys)
        for one in await self._source.read(new):
            shelf.tickets[one.key] = one
            project = one.ref.project.casefold()
            shelf.index.add(
                Entry(
                    key=one.key, title=one.title, body=one.body, at=one.decided_at, project=project, private=one.private
                )
            )
            await asyncio.sleep(0)  # thousands of texts at the first look: others get their turn
