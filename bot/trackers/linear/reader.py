"""The agent's view of Linear: it can look and nothing else.

Give it a transport with a key that may only read; there is no method here that could use more.
"""

from __future__ import annotations

from bot.cache import Cache
from bot.trackers.linear.listing import LinearListing
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.tickets import Tickets
from bot.trackers.linear.wire import LinearTransport
from bot.trackers.reader import Reader


class LinearReader(Reader):
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: LinearTransport, site: LinearSite, cache: Cache | None = None) -> None:
        super().__init__(Tickets(transport, site), LinearListing(transport), cache)
