"""Which tickets an account has: by state, and those that changed lately. Reads only.

Zendesk lists by the last change, and its search is minutes late; so what changed is read newest first, until it is too
old, and handed on the other way round.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date
from typing import Final

from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.transport import Transport
from bot.trackers.zendesk.names import ticket_path
from bot.trackers.zendesk.payloads import ISSUES, Issue, millis
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.tickets import pages
from graphs.model import InstallId, Millis, TicketRef, TrackerName

_MOST_PAGES = 500
"""50,000 tickets."""
_SECOND: Final = 1_000


class ZendeskListing:
    """Implements `bot.trackers.contract.Listing`."""

    def __init__(self, transport: Transport, site: ZendeskSite) -> None:
        self._transport = transport
        self._site = site

    async def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        async for page in self._tickets(install, project, "id"):
            yield tuple(
                _ref(install, project, one)
                for one in page
                if _is(one, which) and (since is None or one.created_at.astimezone(UTC).date() >= since)
            )

    async def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        found: list[Issue] = []
        async for page in self._tickets(install, project, "-updated_at"):
            late = [one for one in page if millis(one.updated_at) >= since - _SECOND]
            found += late
            if len(late) < len(page):
                break
        yield tuple(
            Change(
                ref=_ref(install, project, one),
                is_open=one.is_open,
                created_at=millis(one.created_at),
                updated_at=millis(one.updated_at),
            )
            for one in reversed(found)
        )

    async def _tickets(self, install: InstallId, project: str, order: str) -> AsyncIterator[tuple[Issue, ...]]:
        ticket_path(TicketRef(tracker=TrackerName.ZENDESK, install=install, project=project, number="1"), self._site)
        async for page in pages(self._transport, "/tickets", {"sort": order}, ISSUES, _MOST_PAGES):
            yield page.tickets


def _is(one: Issue, which: Which) -> bool:
    return which is Which.ALL or one.is_open == (which is Which.OPEN)


def _ref(install: InstallId, project: str, one: Issue) -> TicketRef:
    return TicketRef(tracker=TrackerName.ZENDESK, install=install, project=project, number=str(one.id))
