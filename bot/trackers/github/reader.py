"""The agent's view of GitHub: it can look and nothing else.

Give it a transport with a read-only credential; there is no method here that could use more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from bot.cache import Cache
from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.github.listing import GitHubListing
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.tickets import Tickets
from bot.trackers.label_cache import LabelCache
from bot.trackers.transport import Transport
from graphs.model import InstallId, Millis, Ticket, TicketRef
from graphs.tools.read_comments import TicketComment


class GitHubReader:
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: Transport, site: GitHubSite, cache: Cache | None = None) -> None:
        self._tickets = Tickets(transport, site)
        self._listing = GitHubListing(transport)
        self._labels = LabelCache(cache)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def comments(self, ref: TicketRef) -> tuple[TicketComment, ...]:
        found = await self._tickets.comments(ref)
        return tuple(TicketComment(author=one.author, body=one.body) for one in found)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._labels.of(ref, self._tickets.labels)

    def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._listing.tickets(install, project, since, which)

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        return self._listing.changed_since(install, project, since)
