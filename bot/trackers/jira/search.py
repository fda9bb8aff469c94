"""Questions to Jira in its query language (JQL), page by page: by number on servers, by a token in the Cloud.

A query's times are read in the time zone of whoever asks and end at the minute, so we ask relative to now and a little
further back, and leave the rest to the caller's own comparison.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Final, Generic, TypeVar

from pydantic import Field, TypeAdapter

from bot.trackers.jira.site import JiraSite
from bot.trackers.jira.vocabulary import FromJira
from bot.trackers.transport import Transport
from graphs.model import Millis

_PAGE: Final = 100
_MINUTE_S: Final = 60
_DAY: Final = 24 * 60
_LONG_AGO: Final = 2 * _DAY
_LEEWAY: Final = 2
"""Minutes further back than asked for: one for the rounding, one for a clock that is not Jira's."""

Fields = TypeVar("Fields", bound=FromJira)


class Hit(FromJira, Generic[Fields]):
    key: str
    fields: Fields


class Page(FromJira, Generic[Fields]):
    issues: tuple[Hit[Fields], ...]
    total: int = 0
    next_page: str | None = Field(default=None, alias="nextPageToken")


class Search:
    def __init__(self, transport: Transport, site: JiraSite) -> None:
        self._transport = transport
        self._path = "/search/jql" if site.is_cloud else "/search"
        self._by_token = site.is_cloud

    async def pages(
        self, jql: str, fields: str, shape: TypeAdapter[Page[Fields]], most: int
    ) -> AsyncIterator[tuple[Hit[Fields], ...]]:
        """At most `most` pages of a hundred. Raises a `graphs.errors.TrackerError`."""
        asked = {"jql": jql, "fields": fields, "maxResults": str(_PAGE)}
        seen, token = 0, ""
        for _ in range(most):
            place = {"nextPageToken": token} if token else {} if self._by_token else {"startAt": str(seen)}
            page = (await self._transport.get(self._path, {**asked, **place})).read(shape)
            yield page.issues
            seen, token = seen + len(page.issues), page.next_page or ""
            if not page.issues or not (token if self._by_token else seen < page.total):
                return


def ago(moment: Millis, now_s: float) -> str:
    """`moment` for a query: `"-75m"`, or `"-30d"` where it is long ago."""
    minutes = max(math.ceil(now_s / _MINUTE_S - moment / _MINUTE_S / 1000), 0) + _LEEWAY
    return f'"-{minutes}m"' if minutes < _LONG_AGO else f'"-{math.ceil(minutes / _DAY)}d"'
