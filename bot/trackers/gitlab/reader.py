"""The agent's view of GitLab: it can look and nothing else.

Give it a transport with a token of scope `read_api`; there is no method here that could use more.
"""

from __future__ import annotations

from bot.cache import Cache
from bot.trackers.gitlab.listing import GitLabListing
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.tickets import Tickets
from bot.trackers.reader import Reader
from bot.trackers.transport import Transport


class GitLabReader(Reader):
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: Transport, site: GitLabSite, cache: Cache | None = None) -> None:
        super().__init__(Tickets(transport, site), GitLabListing(transport), cache)
