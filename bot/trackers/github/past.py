"""Issues of a repository as a history: when filed and closed, what they say, who got them. Reads only.

Owns the shape of a history row from GitHub. GitHub tells today's title and text here, not those that were filed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter

from bot.trackers.github.deliveries import Account, FromGitHub
from bot.trackers.github.names import project_path
from bot.trackers.github.payloads import LabelPayload, names_of
from bot.trackers.text import FreeText
from bot.trackers.transport import Transport

_PAGE = 100


class _Issue(FromGitHub):
    number: Annotated[int, Field(gt=0)]
    title: FreeText
    body: FreeText | None = None
    user: Account | None = None
    labels: tuple[LabelPayload | FreeText, ...] = ()
    assignees: tuple[Account, ...] | None = ()
    created_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    pull_request: object = None


_ISSUES = TypeAdapter(tuple[_Issue, ...])


class GitHubPast:
    """Issues of any state, newest first."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def newest(self, project: str, limit: int) -> AsyncIterator[list[Mapping[str, object]]]:
        """Pages of rows, at most `limit` in all. Raises a `graphs.errors.TrackerError`."""
        asked = {"state": "all", "sort": "created", "direction": "desc", "per_page": str(_PAGE)}
        number, left = 1, limit
        while left > 0:
            answer = await self._transport.get(f"{project_path(project)}/issues", {**asked, "page": str(number)})
            page = answer.read(_ISSUES)
            rows = [_row(project, one) for one in page if one.pull_request is None][:left]
            yield rows
            left -= len(rows)
            number += 1
            if len(page) < _PAGE and not answer.has_next_page:
                return


def _row(project: str, issue: _Issue) -> Mapping[str, object]:
    return {
        "id": f"{project}#{issue.number}",
        "repo": project,
        "created_at": issue.created_at.isoformat(),
        "closed_at": issue.closed_at.isoformat() if issue.closed_at else None,
        "title": issue.title,
        "body": issue.body or "",
        "author": issue.user.login if issue.user else "",
        "labels": names_of(issue.labels),
        "assignees": [one.login for one in issue.assignees or ()],
        "reporter": "bot" if issue.user and issue.user.type == "Bot" else "person",
        "tracker": "github",
    }
