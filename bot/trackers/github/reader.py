"""The agent's view of GitHub: it can look and nothing else.

Give it a transport with a read-only credential; there is no method here that could use more.
"""

from __future__ import annotations

from bot.trackers.github.site import GitHubSite
from bot.trackers.github.tickets import Tickets
from bot.trackers.github.transport import Transport
from graphs.model import Ticket, TicketRef


class GitHubReader:
    """Implements `graphs.ports.TicketReader`."""

    def __init__(self, transport: Transport, site: GitHubSite) -> None:
        self._tickets = Tickets(transport, site)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._tickets.labels(ref)
