"""The agent's view of GitHub: it can look and nothing else.

Give it a transport with a read-only credential; there is no method here that could use more.
"""

from __future__ import annotations

from bot.cache import Cache
from bot.trackers.github.listing import GitHubListing
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.tickets import Tickets
from bot.trackers.reader import Reader
from bot.trackers.transport import Transport


class GitHubReader(Reader):
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: Transport, site: GitHubSite, cache: Cache | None = None) -> None:
        super().__init__(Tickets(transport, site), GitHubListing(transport), cache)
