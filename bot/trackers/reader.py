"""The agent's view of a tracker: it can look and nothing else. The same for every vendor that fits the three parts.

Give its parts a transport with a credential that can only read; there is no method here that could use more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Protocol

from bot.cache import Cache
from bot.events import Change
from bot.executor.port import PostedComment
from bot.trackers.contract import Listing, Which
from bot.trackers.label_cache import LabelCache
from graphs.model import InstallId, Millis, Ticket, TicketRef
from graphs.tools.read_comments import TicketComment


class ReadTickets(Protocol):
    """A vendor's way to read one ticket and what belongs to it."""

    async def read(self, ref: TicketRef) -> Ticket: ...
    async def labels(self, ref: TicketRef) -> frozenset[str]: ...
    async def shown_comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """Those that everybody may see who may see the ticket: no model is shown an internal one."""
        ...


class Reader:
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, tickets: ReadTickets, listing: Listing, cache: Cache | None = None) -> None:
        self._tickets = tickets
        self._listing = listing
        self._labels = LabelCache(cache)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def comments(self, ref: TicketRef) -> tuple[TicketComment, ...]:
        found = await self._tickets.shown_comments(ref)
        return tuple(TicketComment(author=one.author, body=one.body) for one in found)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._labels.of(ref, self._tickets.labels)

    def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._listing.tickets(install, project, since, which)

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        return self._listing.changed_since(install, project, since)
