"""A repository's past as rows of a history: newest first, any state, without pull requests."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.github import Token
from bot.trackers.credentials import Anonymous
from bot.trackers.github.past import GitHubPast
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport
from graphs.errors import TicketGone
from graphs.evaluation.backtest.history import parse_rows
from graphs.model import Kind, LayerId
from tests.trackers.github.place import BOT, open_place

LAYER = LayerId("retrieval_and_context")


async def test_issues_of_any_state_become_a_history() -> None:
    async with open_place() as place:
        for number in range(1, 104):
            await place.github.file(place.repo, "reporter-1", f"Ticket {number}", f"Body {number}")
        await place.github.close(place.repo, 5, by="on-duty")
        past = GitHubPast(place.transport(Token(BOT, is_app=True, issues="read", repos=[place.repo])))
        pages = [page async for page in past.newest(place.repo, 102)]
        assert [len(page) for page in pages] == [100, 2]
        assert pages[0][0]["id"] == f"{place.repo}#103"
        found = parse_rows([one for page in pages for one in page], {}, {})
        assert {one.filed.title for one in found.past} == {f"Ticket {number}" for number in range(2, 104)}
        closed = {one.filed.title for one in found.past if one.known_at is not None}
        assert closed == {"Ticket 5"}
        assert found.past[0].filed.project == place.repo
        assert not found.past[0].as_filed


async def test_a_repository_that_cannot_be_seen_is_told() -> None:
    async with open_place() as place:
        stranger = place.transport(Token("somebody", issues="read", repos=[]))
        with pytest.raises(TicketGone):
            [page async for page in GitHubPast(stranger).newest(place.repo, 10)]


async def test_labels_and_people_become_outcomes_and_pull_requests_are_left_out() -> None:
    issue = {
        "number": 2,
        "title": "Two",
        "body": None,
        "user": {"login": "reporter-1", "type": "User"},
        "labels": [{"name": "Layer: Retrieval"}, {"name": "Bug"}],
        "assignees": [{"login": "data-lead"}],
        "created_at": "2026-01-01T00:00:00Z",
        "closed_at": "2026-01-02T00:00:00Z",
    }
    answer = httpx.MockTransport(
        lambda _: httpx.Response(200, json=[issue, {**issue, "number": 3, "pull_request": {}}])
    )
    async with httpx.AsyncClient(transport=answer) as http:
        past = GitHubPast(Transport(http, GitHubSite(), Anonymous()))
        rows = [row async for page in past.newest("acme/assistant", 10) for row in page]
    (one,) = parse_rows(rows, {"layer: retrieval": LAYER}, {"bug": Kind.BUG}).past
    assert (one.outcome.layer, one.outcome.kind, one.outcome.owners) == (LAYER, Kind.BUG, ("data-lead",))
    assert (one.filed.author, one.reporter, one.tracker) == ("reporter-1", "person", "github")
