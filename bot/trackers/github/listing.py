"""Which issues a project has: by state, and those that changed lately. Reads only, and only what names them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, TypeAdapter

from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.github.deliveries import FromGitHub
from bot.trackers.github.names import project_path
from bot.trackers.paging import pages
from bot.trackers.transport import Transport
from graphs.model import InstallId, Millis, TicketRef, TicketState, TrackerName

_MOST_PAGES = 1_000
"""100,000 issues: who has more gives a narrower list of projects."""
_SECOND: Final = 1_000


class _Listed(FromGitHub):
    number: Annotated[int, Field(gt=0)]
    pull_request: object = None


class _Filed(_Listed):
    created_at: AwareDatetime | None = None


class _Changed(_Listed):
    state: TicketState
    created_at: AwareDatetime
    updated_at: AwareDatetime


_ISSUES = TypeAdapter(tuple[_Filed, ...])
_CHANGED = TypeAdapter(tuple[_Changed, ...])


class GitHubListing:
    """Implements `bot.trackers.contract.Listing`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        asked = {"state": which.value, "sort": "created", "direction": "asc"}
        if since:
            asked["since"] = f"{since}T00:00:00Z"  # GitHub goes by the last change: it spares us old pages
        async for page in pages(self._transport, _issues(project), asked, _ISSUES, _MOST_PAGES):
            yield tuple(
                _ref(install, project, one)
                for one in page
                if one.pull_request is None and (since is None or _day(one) >= since)
            )

    async def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        moment = datetime.fromtimestamp(max(since // _SECOND - 1, 0), UTC)
        asked = {"state": "all", "sort": "updated", "direction": "asc", "since": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
        async for page in pages(self._transport, _issues(project), asked, _CHANGED, _MOST_PAGES):
            yield tuple(
                Change(
                    ref=_ref(install, project, one),
                    is_open=one.state is TicketState.OPEN,
                    created_at=_millis(one.created_at),
                    updated_at=_millis(one.updated_at),
                )
                for one in page
                if one.pull_request is None
            )


def _issues(project: str) -> str:
    """GitHub lists pull requests among them; they count for the size of a page."""
    return f"{project_path(project)}/issues"


def _ref(install: InstallId, project: str, one: _Listed) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=install, project=project, number=str(one.number))


def _day(one: _Filed) -> date:
    """An issue without a date is never too old."""
    return one.created_at.astimezone(UTC).date() if one.created_at else date.max


def _millis(moment: datetime) -> Millis:
    return Millis(int(moment.timestamp() * _SECOND))
