"""Pages that never end, and answers that are odd but within what GitHub describes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import JsonValue, SecretStr

from bot.trackers.credentials import StaticToken
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.tickets import Tickets
from bot.trackers.github.transport import Transport
from graphs.errors import RateLimited, TrackerRejected, TrackerUnavailable
from graphs.model import TicketState
from tests.trackers.github.deliveries import REF

SITE = GitHubSite()
Answers = Callable[[httpx.Request], httpx.Response]
ISSUE: dict[str, JsonValue] = {
    "number": 12,
    "title": "t",
    "state": "open",
    "created_at": "2026-11-02T08:00:00Z",
    "updated_at": "2026-11-02T09:00:00+01:00",
}


@asynccontextmanager
async def tickets(answers: Answers) -> AsyncIterator[Tickets]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers)) as http:
        yield Tickets(Transport(http, SITE, StaticToken(SecretStr("ghp_x"))), SITE)


def issue_with(repository: httpx.Response, **more: JsonValue) -> Answers:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=ISSUE | more) if "/issues/" in request.url.path else repository

    return answer


OPEN_PROJECT = httpx.Response(200, json={"private": False})


async def test_the_least_that_an_issue_can_be() -> None:
    async with tickets(issue_with(OPEN_PROJECT, user=None, body=None, assignees=None)) as source:
        ticket = await source.read(REF)
    assert (ticket.author, ticket.body, ticket.labels, ticket.assignees) == ("ghost", "", (), ())
    assert ticket.created_at == ticket.updated_at == 1_793_606_400_000
    assert ticket.state is TicketState.OPEN
    assert ticket.url == "https://github.com/acme/assistant/issues/12"


async def test_labels_come_as_names_or_objects_and_nul_can_be_stored() -> None:
    labels: list[JsonValue] = ["plain", {"name": "object"}, {"name": None}, {"id": 1}]
    said = issue_with(OPEN_PROJECT, labels=labels, title="a\0b", user={"login": "ci[bot]", "type": "Bot"})
    async with tickets(said) as source:
        ticket = await source.read(REF)
    assert ticket.labels == ("plain", "object")
    assert ticket.title == "a\ufffdb"
    assert ticket.author_is_bot


async def test_the_version_does_not_depend_on_the_order_of_lists() -> None:
    people: list[JsonValue] = [{"login": "a"}, {"login": "b"}]
    versions = set()
    for labels, assignees in ((["x", "y"], people), (["y", "x"], people[::-1])):
        names: list[JsonValue] = [*labels]
        async with tickets(issue_with(OPEN_PROJECT, labels=names, assignees=assignees)) as source:
            versions.add((await source.read(REF)).version)
    assert len(versions) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_a_project_that_cannot_be_looked_at_counts_as_private(status: int) -> None:
    async with tickets(issue_with(httpx.Response(status))) as source:
        assert (await source.read(REF)).private


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (500, TrackerUnavailable)])
async def test_a_project_that_cannot_be_looked_at_now_is_asked_later(status: int, kind: type[Exception]) -> None:
    async with tickets(issue_with(httpx.Response(status))) as source:
        with pytest.raises(kind):
            await source.read(REF)


def endless(seen: list[str], size: int = 100, link: str = "") -> Answers:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        first = (int(request.url.params["page"]) - 1) * size
        page = [{"id": one, "name": f"label {one}", "body": "x"} for one in range(first, first + size)]
        return httpx.Response(200, json=page, headers={"link": link} if link else {})

    return answer


async def test_labels_without_end_are_cut_off() -> None:
    seen: list[str] = []
    async with tickets(endless(seen)) as source:
        assert len(await source.labels(REF)) == 5_000
    assert len(seen) == 50


async def test_comments_without_end_are_refused_because_ours_could_be_beyond() -> None:
    seen: list[str] = []
    async with tickets(endless(seen)) as source:
        with pytest.raises(TrackerRejected, match="too many comments"):
            await source.comments(REF)
    assert len(seen) == 50


async def test_short_pages_go_on_where_the_server_says_so_but_not_to_where_it_points() -> None:
    seen: list[str] = []
    async with tickets(endless(seen, size=3, link='<https://evil.example/steal>; rel="next"')) as source:
        assert len(await source.labels(REF)) == 150
    assert {httpx.URL(one).host for one in seen} == {"api.github.com"}


async def test_a_comment_that_slips_onto_the_next_page_is_counted_once() -> None:
    """Somebody deletes a comment while we turn pages."""

    def answer(request: httpx.Request) -> httpx.Response:
        first = 1 if request.url.params["page"] == "1" else 100
        return httpx.Response(200, json=[{"id": one, "body": str(one)} for one in range(first, 101)])

    async with tickets(answer) as source:
        assert [one.id for one in await source.comments(REF)] == [str(one) for one in range(1, 101)]
