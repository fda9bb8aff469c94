"""Which issues a project has: by state, and those that changed lately. Reads only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from typing import Final

from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.gitlab.names import project_path
from bot.trackers.gitlab.payloads import ISSUES, TRIAGED_TYPES, Issue, millis
from bot.trackers.paging import pages
from bot.trackers.transport import Transport
from graphs.model import InstallId, Millis, TicketRef, TrackerName

_MOST_PAGES = 500
"""50,000 issues, where GitLab ends paging by number."""
_SECOND: Final = 1_000
_STATES: Final = {Which.OPEN: "opened", Which.CLOSED: "closed", Which.ALL: "all"}


class GitLabListing:
    """Implements `bot.trackers.contract.Listing`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        asked = {"state": _STATES[which], "order_by": "created_at", "sort": "asc"}
        asked |= {} if since is None else {"created_after": f"{since:%Y-%m-%d}T00:00:00Z"}
        async for page in self._issues(project, asked):
            yield tuple(_ref(install, project, one) for one in page)

    async def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        moment = datetime.fromtimestamp(max(since // _SECOND - 1, 0), UTC)
        asked = {"updated_after": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "order_by": "updated_at", "sort": "asc"}
        async for page in self._issues(project, asked):
            yield tuple(
                Change(
                    ref=_ref(install, project, one),
                    is_open=one.is_open,
                    created_at=millis(one.created_at),
                    updated_at=millis(one.updated_at),
                )
                for one in page
            )

    async def _issues(self, project: str, asked: Mapping[str, str]) -> AsyncIterator[tuple[Issue, ...]]:
        path, query = f"{project_path(project)}/issues", {"scope": "all", **asked}
        async for page in pages(self._transport, path, query, ISSUES, _MOST_PAGES):
            yield tuple(one for one in page if one.issue_type in TRIAGED_TYPES)


def _ref(install: InstallId, project: str, one: Issue) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITLAB, install=install, project=project, number=str(one.iid))
