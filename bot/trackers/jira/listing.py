"""Which issues a project has: by state, and those that changed lately. Reads only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, timedelta
from typing import Final

from pydantic import TypeAdapter

from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.jira.names import parts, project_key
from bot.trackers.jira.payloads import Listed, millis
from bot.trackers.jira.search import Hit, Page, Search, ago
from bot.trackers.jira.site import JiraSite
from bot.trackers.transport import Transport
from graphs.model import InstallId, Millis, TicketRef, TrackerName

_MOST_PAGES = 500
"""50,000 issues."""
_SECOND: Final = 1_000
_STATES: Final = {
    Which.OPEN: " AND statusCategory != Done",
    Which.CLOSED: " AND statusCategory = Done",
    Which.ALL: "",
}
_FIELDS: Final = "status,issuetype,created,updated"
_ISSUES: Final = TypeAdapter(Page[Listed])


class JiraListing:
    """Implements `bot.trackers.contract.Listing`."""

    def __init__(self, transport: Transport, site: JiraSite, wall: Callable[[], float] = time.time) -> None:
        self._search = Search(transport, site)
        self._wall = wall

    async def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        # A day in a query begins when it begins for the asker: a day early is early enough everywhere.
        filed = f' AND created >= "{since - timedelta(days=1):%Y-%m-%d}"' if since else ""
        jql = f'project = "{project_key(project)}"{_STATES[which]}{filed} ORDER BY created ASC, key ASC'
        async for page in self._triaged(jql):
            wanted = [one for one in page if since is None or one.fields.created.astimezone(UTC).date() >= since]
            yield tuple(_refs(install, project, wanted))

    async def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        back = f"updated >= {ago(since, self._wall())}"
        jql = f'project = "{project_key(project)}" AND {back} ORDER BY updated ASC, key ASC'
        async for page in self._triaged(jql):
            late = [one for one in page if millis(one.fields.updated) >= since - _SECOND]
            yield tuple(
                Change(
                    ref=ref,
                    is_open=one.fields.is_open,
                    created_at=millis(one.fields.created),
                    updated_at=millis(one.fields.updated),
                )
                for one, ref in zip(late, _refs(install, project, late), strict=True)
            )

    async def _triaged(self, jql: str) -> AsyncIterator[list[Hit[Listed]]]:
        async for page in self._search.pages(jql, _FIELDS, _ISSUES, _MOST_PAGES):
            yield [one for one in page if one.fields.issuetype.is_triaged and parts(one.key)]


def _refs(install: InstallId, project: str, found: list[Hit[Listed]]) -> list[TicketRef]:
    numbers = [one.key.rpartition("-")[2] for one in found]
    return [TicketRef(tracker=TrackerName.JIRA, install=install, project=project, number=one) for one in numbers]
