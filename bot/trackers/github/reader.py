"""The agent's view of GitHub: it can look and nothing else.

Give it a transport with a read-only credential; there is no method here that could use more.
"""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.cache import Cache
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.tickets import Tickets
from bot.trackers.github.transport import Transport
from graphs.model import Ticket, TicketRef
from graphs.tools.read_comments import TicketComment

LABELS_OLD_S: Final = 60.0
"""A proposal may be made from labels this old. Before one is written, the executor reads for itself."""
_NAMES: Final = TypeAdapter(frozenset[str])


class GitHubReader:
    """Implements `graphs.ports.TicketReader` and `graphs.tools.read_comments.CommentReader`."""

    def __init__(self, transport: Transport, site: GitHubSite, cache: Cache | None = None) -> None:
        self._tickets = Tickets(transport, site)
        self._cache = cache

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def comments(self, ref: TicketRef) -> tuple[TicketComment, ...]:
        found = await self._tickets.comments(ref)
        return tuple(TicketComment(author=one.author, body=one.body) for one in found)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        if self._cache is None:
            return await self._tickets.labels(ref)
        key = f"labels:{ref.tracker}:{ref.install}:{ref.project}"
        try:
            return _NAMES.validate_python(await self._cache.get(key))
        except ValidationError:
            names = await self._tickets.labels(ref)
            await self._cache.put(key, [*sorted(names)], LABELS_OLD_S)
            return names
