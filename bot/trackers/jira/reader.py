"""The agent's view of Jira: it can look and nothing else.

Give it a transport with a credential that can only browse; there is no method here that could use more.
"""

from __future__ import annotations

from bot.cache import Cache
from bot.trackers.jira.listing import JiraListing
from bot.trackers.jira.site import JiraSite
from bot.trackers.jira.tickets import Tickets
from bot.trackers.reader import Reader
from bot.trackers.transport import Transport


class JiraReader(Reader):
    """Implements `bot.trackers.contract.TrackerReader`."""

    def __init__(self, transport: Transport, anybody: Transport, site: JiraSite, cache: Cache | None = None) -> None:
        """`anybody`: a transport without a credential, to learn which issues are public."""
        super().__init__(Tickets(transport, site, anybody), JiraListing(transport, site), cache)
