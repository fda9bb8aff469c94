"""Which issues a team has: by state, and those that changed lately. Reads only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Final, assert_never

from pydantic import JsonValue

from bot.events import Change
from bot.trackers.contract import Which
from bot.trackers.linear import answers, documents
from bot.trackers.linear.names import parts, team_key
from bot.trackers.linear.payloads import CLOSED_STATES, Listed, millis
from bot.trackers.linear.wire import LinearTransport
from graphs.model import InstallId, Millis, TicketRef, TrackerName

_MOST_PAGES = 500
_SECOND: Final = 1_000


class LinearListing:
    """Implements `bot.trackers.contract.Listing`."""

    def __init__(self, transport: LinearTransport) -> None:
        self._transport = transport

    async def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        asked = _by_state(which) | ({} if since is None else {"createdAt": {"gte": f"{since:%Y-%m-%d}T00:00:00.000Z"}})
        # What was closed is archived by itself some months later, and is a closed issue still.
        async for page in self._issues(project, asked, "createdAt", archived=which is not Which.OPEN):
            kept = [one for one in page if not one.trashed and (one.is_open or which is not Which.OPEN)]
            yield tuple(_ref(install, one) for one in kept)

    async def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        moment = datetime.fromtimestamp(max(since // _SECOND - 1, 0), UTC)
        asked: dict[str, JsonValue] = {"updatedAt": {"gte": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"}}
        # Archived ones too: an issue that was closed and archived since the last look is news.
        async for page in self._issues(project, asked, "updatedAt", archived=True):
            yield tuple(
                Change(
                    ref=_ref(install, one),
                    is_open=one.is_open,
                    created_at=millis(one.created_at),
                    updated_at=millis(one.updated_at),
                )
                for one in page
            )

    async def _issues(
        self, project: str, asked: dict[str, JsonValue], order: str, *, archived: bool
    ) -> AsyncIterator[tuple[Listed, ...]]:
        """The longest unchanged first: what changes meanwhile moves to the end and is met again, never passed over."""
        wanted: JsonValue = {"team": {"key": {"eq": team_key(project)}}, **asked}
        sort: JsonValue = [{order: {"order": "Ascending"}}]
        after: str | None = None
        for _ in range(_MOST_PAGES):
            answer = await self._transport.query(
                documents.ISSUES, answers.ISSUES, filter=wanted, sort=sort, archived=archived, after=after
            )
            yield answer.data.issues.nodes
            after = answer.data.issues.next
            if after is None:
                return


def _by_state(which: Which) -> dict[str, JsonValue]:
    types: list[JsonValue] = [*sorted(CLOSED_STATES)]
    match which:
        case Which.OPEN:
            return {"state": {"type": {"nin": types}}}
        case Which.CLOSED:
            return {"state": {"type": {"in": types}}}
        case Which.ALL:
            return {}
    assert_never(which)


def _ref(install: InstallId, one: Listed) -> TicketRef:
    found = parts(one.identifier)
    assert found is not None, "the payload's own check"
    return TicketRef(tracker=TrackerName.LINEAR, install=install, project=found[0], number=found[1])
