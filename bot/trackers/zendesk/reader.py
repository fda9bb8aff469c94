"""The agent's view of Zendesk: it can look and nothing else.

Give it a transport with a token of scope `read`; there is no method here that could use more.
"""

from __future__ import annotations

from bot.cache import Cache
from bot.trackers.reader import Reader
from bot.trackers.transport import Transport
from bot.trackers.zendesk.listing import ZendeskListing
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.tickets import Tickets


class ZendeskReader(Reader):
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: Transport, site: ZendeskSite, cache: Cache | None = None) -> None:
        super().__init__(Tickets(transport, site), ZendeskListing(transport, site), cache)
