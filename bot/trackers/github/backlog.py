"""The open issues of a project, oldest first, a page at a time. Reads only, and only what names them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter

from bot.trackers.github.deliveries import FromGitHub
from bot.trackers.github.names import project_path
from bot.trackers.github.transport import Transport
from graphs.model import InstallId, TicketRef, TrackerName

_PAGE = 100
_MOST_PAGES = 1_000
"""100,000 issues: who has more gives a narrower list of projects."""


class _Listed(FromGitHub):
    number: Annotated[int, Field(gt=0)]
    created_at: AwareDatetime | None = None
    pull_request: object = None


_PAGE_OF_ISSUES = TypeAdapter(tuple[_Listed, ...])


class GitHubBacklog:
    """Implements `bot.service.sweeping.Backlog`."""

    def __init__(self, transport: Transport, since: date | None = None) -> None:
        """`since`: nothing that was filed before this day (UTC)."""
        self._transport = transport
        self._since = since

    async def open_tickets(self, install: InstallId, project: str) -> AsyncIterator[tuple[TicketRef, ...]]:
        """Raises a `TrackerError`. An issue closed while pages are read can hide another: a second look finds it."""
        asked = {"state": "open", "sort": "created", "direction": "asc", "per_page": str(_PAGE)}
        if self._since:
            asked["since"] = f"{self._since}T00:00:00Z"  # the service goes by the last change: it spares us old pages
        for number in range(1, _MOST_PAGES + 1):
            answer = await self._transport.get(f"{project_path(project)}/issues", {**asked, "page": str(number)})
            page = answer.read(_PAGE_OF_ISSUES)
            yield tuple(
                TicketRef(tracker=TrackerName.GITHUB, install=install, project=project, number=str(one.number))
                for one in page
                if one.pull_request is None  # GitHub lists pull requests among the issues
                and self._new_enough(one)
            )
            if len(page) < _PAGE and not answer.has_next_page:
                return

    def _new_enough(self, one: _Listed) -> bool:
        if self._since is None or one.created_at is None:
            return True
        return one.created_at.astimezone(UTC).date() >= self._since
