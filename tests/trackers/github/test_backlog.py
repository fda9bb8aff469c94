"""The list of open issues: all of them, oldest first, and no pull request among them."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from bot.sandbox.github import Token
from bot.trackers.credentials import Anonymous
from bot.trackers.github.listing import GitHubListing
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport
from graphs.errors import TicketGone
from graphs.model import InstallId, TicketRef, TrackerName
from tests.trackers.github.place import BOT, open_place

MAIN = InstallId("main")


def ref(project: str, number: int) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=MAIN, project=project, number=str(number))


async def test_every_open_issue_oldest_first() -> None:
    async with open_place() as place:
        for number in range(1, 104):
            await place.github.file(place.repo, "reporter-1", f"Ticket {number}", "")
        await place.github.close(place.repo, 5, by="on-duty")
        reader = place.transport(Token(BOT, is_app=True, issues="read", repos=[place.repo]))
        pages = [page async for page in GitHubListing(reader).tickets(MAIN, place.repo)]
        assert [len(page) for page in pages] == [100, 2]
        numbers = [number for number in range(1, 104) if number != 5]
        assert [one for page in pages for one in page] == [ref(place.repo, number) for number in numbers]


async def test_a_project_that_cannot_be_seen_is_told() -> None:
    async with open_place() as place:
        stranger = place.transport(Token("somebody", issues="read", repos=[]))
        with pytest.raises(TicketGone):
            [page async for page in GitHubListing(stranger).tickets(MAIN, place.repo)]


async def test_pull_requests_are_left_out() -> None:
    issues = [{"number": 2}, {"number": 3, "pull_request": {"url": "there"}}, {"number": 4, "pull_request": None}]
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json=issues))
    async with httpx.AsyncClient(transport=answer) as http:
        backlog = GitHubListing(Transport(http, GitHubSite(), Anonymous()))
        pages = [page async for page in backlog.tickets(MAIN, "acme/assistant")]
    assert pages == [(ref("acme/assistant", 2), ref("acme/assistant", 4))]


async def test_what_was_filed_before_a_day_is_left_out() -> None:
    asked: list[httpx.Request] = []
    issues = [
        {"number": 2, "created_at": "2026-02-28T23:59:59Z"},
        {"number": 3, "created_at": "2026-03-01T00:00:00Z"},
        {"number": 4, "created_at": "2026-03-01T00:30:00+02:00"},
    ]

    def answered(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=issues)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answered)) as http:
        backlog = GitHubListing(Transport(http, GitHubSite(), Anonymous()))
        pages = [page async for page in backlog.tickets(MAIN, "acme/assistant", date(2026, 3, 1))]
    assert pages == [(ref("acme/assistant", 3),)]
    assert asked[0].url.params["since"] == "2026-03-01T00:00:00Z"
