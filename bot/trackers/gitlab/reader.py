"""The agent's view of GitLab: it can look and nothing else.

Give it a transport with a token of scope `read_api`; there is no method here that could use more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from bot.cache import Cache
from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.gitlab.listing import GitLabListing
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.tickets import Tickets
from bot.trackers.label_cache import LabelCache
from bot.trackers.transport import Transport
from graphs.model import InstallId, Millis, Ticket, TicketRef
from graphs.tools.read_comments import TicketComment


class GitLabReader:
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: Transport, site: GitLabSite, cache: Cache | None = None) -> None:
        self._tickets = Tickets(transport, site)
        self._listing = GitLabListing(transport)
        self._labels = LabelCache(cache)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def comments(self, ref: TicketRef) -> tuple[TicketComment, ...]:
        # Internal notes are for the project's members: no model is shown them and no card quotes them.
        found = await self._tickets.comments(ref, internal=False)
        return tuple(TicketComment(author=one.author, body=one.body) for one in found)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._labels.of(ref, self._tickets.labels)

    def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._listing.tickets(install, project, since, which)

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        return self._listing.changed_since(install, project, since)
