"""The agent's view of Linear: it can look and nothing else.

Give it a transport with a key that may only read; there is no method here that could use more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from bot.cache import Cache
from bot.events import Change
from bot.trackers.label_cache import LabelCache
from bot.trackers.linear.listing import LinearListing
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.tickets import Tickets
from bot.trackers.linear.wire import LinearTransport
from graphs.model import InstallId, Millis, Ticket, TicketRef
from graphs.tools.read_comments import TicketComment


class LinearReader:
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: LinearTransport, site: LinearSite, cache: Cache | None = None) -> None:
        self._tickets = Tickets(transport, site)
        self._listing = LinearListing(transport)
        self._labels = LabelCache(cache)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def comments(self, ref: TicketRef) -> tuple[TicketComment, ...]:
        found = await self._tickets.comments(ref)
        return tuple(TicketComment(author=one.author, body=one.body) for one in found)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._labels.of(ref, self._tickets.labels)

    def open_tickets(
        self, install: InstallId, project: str, since: date | None = None
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._listing.open_tickets(install, project, since)

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        return self._listing.changed_since(install, project, since)
