"""What is Linear's own: links, errors inside a 200, limits by complexity, labels of two scopes, ids that we choose."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.executor.marker import Marker, chosen_id
from bot.limits.rates import Rate
from bot.sandbox.linear import Token
from bot.trackers.answers import Answer
from bot.trackers.contract import BadLink
from bot.trackers.credentials import StaticToken
from bot.trackers.linear.links import parse_link
from bot.trackers.linear.reader import LinearReader
from bot.trackers.linear.refusals import refusal
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.wire import LinearBudget, authorization, linear_transport
from bot.trackers.transport import open_http
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Login, ProposalId
from tests.trackers.linear.scene import LinearScene, linear_scene

SITE = LinearSite()
MARKER = Marker(b"a key for tests only")
PROPOSAL = ProposalId("a" * 32)


@pytest.fixture
async def scene() -> AsyncIterator[LinearScene]:
    async with linear_scene() as one:
        yield one


@pytest.mark.parametrize(
    "text",
    [
        "https://linear.app/acme/issue/ENG-23",
        "https://linear.app/acme/issue/ENG-23/answers-are-cut-off?x=1#comment-4",
        "https://linear.app/issue/ENG-23/",
        "https://linear.app:443/acme/issue/eng-23",
        " ENG-23 ",
        "eng#23",
    ],
)
def test_links_that_name_an_issue(text: str) -> None:
    link = parse_link(text, SITE)
    assert (link.project, link.number) == ("ENG", "23")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ENG",
        "ENG-x",
        "23",
        "acme/assistant#1",
        "https://linear.app/acme/project/ENG-23",
        "https://linear.app/acme/issue/",
        "https://linear.app.example/acme/issue/ENG-23",
        "https://user@linear.app/acme/issue/ENG-23",
        "https://[bad/acme/issue/ENG-23",
        "ENG\x00-1",
    ],
)
def test_links_that_name_none(text: str) -> None:
    with pytest.raises(BadLink, match="looks like"):
        parse_link(text, SITE)


def test_the_page_is_the_one_that_linear_names_unless_it_leads_elsewhere() -> None:
    assert SITE.page("ENG-1", "https://linear.app/acme/issue/ENG-1/x") == "https://linear.app/acme/issue/ENG-1/x"
    for told in ("https://elsewhere.example/acme/issue/ENG-1", "javascript:alert(1)", ""):
        assert SITE.page("ENG-1", told) == "https://linear.app/issue/ENG-1"


def test_a_key_goes_as_it_is_and_a_token_as_a_bearer() -> None:
    assert authorization(SecretStr("lin_api_x")) == "lin_api_x"
    assert authorization(SecretStr("lin_oauth_x")) == "Bearer lin_oauth_x"


def answer(status: int, error: dict[str, object] | None = None, **headers: str) -> Answer:
    body = json.dumps({"data": None, **({"errors": [error]} if error else {})}).encode()
    return Answer("POST /graphql", status, {name.replace("_", "-"): it for name, it in headers.items()}, body)


def said(message: str, **extensions: str) -> dict[str, object]:
    return {"message": message, "extensions": extensions}


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        (200, said("Entity not found: Issue - Could not find referenced Issue."), TicketGone),
        (200, said("Entity not found", userPresentableMessage="Could not find referenced Issue."), TicketGone),
        (400, said("Entity not found: IssueLabel", type="invalid input"), TrackerRejected),
        (200, said("no", type="forbidden"), TrackerRefused),
        (400, said("no", code="AUTHENTICATION_ERROR"), TrackerRefused),
        (200, said("Invalid scope: `write` required"), TrackerRefused),
        (200, said("Argument Validation Error", code="INPUT_ERROR", type="invalid input"), TrackerRejected),
        (200, said("oh", type="internal error"), TrackerUnavailable),
        (200, said("busy", type="lock timeout"), TrackerUnavailable),
        (400, said("slow down", code="RATELIMITED"), RateLimited),
        (200, said("slow down", type="ratelimited"), RateLimited),
        (429, None, RateLimited),
        (404, None, TrackerUnavailable),
        (503, None, TrackerUnavailable),
        (301, None, TicketGone),
        (400, {"message": None, "extensions": []}, TrackerRejected),
    ],
)
def test_errors_wherever_they_stand(status: int, told: dict[str, object] | None, error: type[Exception]) -> None:
    found = refusal(answer(status, told), 0.0)
    assert isinstance(found, error)
    assert str(found).isprintable()


def test_a_success_is_one_without_errors() -> None:
    assert refusal(answer(200), 0.0) is None
    assert refusal(Answer("x", 200, {}, b'{"data":{},"errors":[]}'), 0.0) is None


def test_how_long_to_wait() -> None:
    spent = {"x_ratelimit_complexity_remaining": "0", "x_ratelimit_complexity_reset": "1070500"}
    for headers, seconds in (
        ({"retry_after": "30"}, 30),
        (spent, 70),
        ({**spent, "x_ratelimit_requests_remaining": "0", "x_ratelimit_requests_reset": "1090000"}, 90),
        ({**spent, "x_ratelimit_complexity_remaining": "9"}, 60),
        ({"x_ratelimit_requests_remaining": "0", "x_ratelimit_requests_reset": "9" * 30}, 60),
    ):
        found = refusal(answer(400, said("slow down", code="RATELIMITED"), **headers), 1000.0)
        assert isinstance(found, RateLimited)
        assert found.retry_after_s == seconds


class Noting:
    """A limiter that notes for how long it was closed."""

    def __init__(self) -> None:
        self.taken, self.closed = 0, list[float]()

    async def take(self, rate: Rate, cost: int = 1) -> None:
        self.taken += cost

    async def close(self, rate: Rate, seconds: float) -> None:
        self.closed.append(seconds)


@pytest.mark.parametrize("what", ["requests", "complexity"])
async def test_the_last_twentieth_of_a_limit_is_left_alone(scene: LinearScene, what: str) -> None:
    ref, noting = await scene.filed(), Noting()
    token = StaticToken(SecretStr(scene.linear.grant(Token(scene.bot, frozenset({scene.team})))))
    site = LinearSite(web=scene.linear.url, api=scene.linear.url)
    async with open_http(site.api) as http:
        reader = LinearReader(linear_transport(http, site, token, budget=LinearBudget(noting, "main")), site)
        for left, closed in (("250000", []), ("12500", []), ("12499", [60.0])):
            scene.linear.left = {f"x-ratelimit-{what}-remaining": left, f"x-ratelimit-{what}-limit": "250000"}
            await reader.read(ref)
            assert noting.closed == closed
    assert noting.taken == 3


async def test_an_issue_that_moved_to_another_team_is_another_ticket(scene: LinearScene) -> None:
    """Linear answers to the old name with the new one."""
    ref = await scene.filed()
    shown = {**scene.linear.shapes.issue(scene.linear.ticket(ref.project, 1)), "identifier": "OPS-4"}
    whole = {**shown, "labels": {"nodes": []}, "comments": {"nodes": []}}
    for act in (scene.reader.read, scene.reader.comments):
        scene.faults.fail(200, method="GET", body={"data": {"issue": whole}})
        with pytest.raises(TicketGone, match="moved"):
            await act(ref)


async def test_an_issue_in_the_bin_is_gone(scene: LinearScene) -> None:
    ref = await scene.filed()
    shown = scene.linear.shapes.issue(scene.linear.ticket(ref.project, 1))
    whole = {**shown, "trashed": True, "labels": {"nodes": []}, "comments": {"nodes": []}}
    scene.faults.fail(200, method="GET", body={"data": {"issue": whole}})
    with pytest.raises(TicketGone, match="deleted"):
        await scene.reader.read(ref)


async def test_a_label_of_the_workspace_is_used_and_not_made_again(scene: LinearScene) -> None:
    ref = await scene.filed()
    await scene.writer.create_label(ref, "NEEDS INFO")
    await scene.writer.add_label(ref, "Needs Info")
    assert (await scene.reader.read(ref)).labels == ("needs info",)
    assert "NEEDS INFO" not in await scene.reader.labels(ref)


async def test_a_label_that_nobody_made_is_a_no(scene: LinearScene) -> None:
    ref = await scene.filed()
    with pytest.raises(TrackerRejected, match="no label of that name in ENG"):
        await scene.writer.add_label(ref, "never made")
    assert scene.writes(ref) == 0


async def test_a_comment_is_posted_once_whoever_asks_again(scene: LinearScene) -> None:
    """Its id is made of its marker, so Linear itself refuses the second."""
    ref, body = await scene.filed(), MARKER.sign("Sorted", PROPOSAL, 3)
    for _ in range(2):
        await scene.writer.comment(ref, body)
    (posted,) = await scene.writer.comments(ref)
    assert posted.id == chosen_id(body)
    assert MARKER.wrote(posted, PROPOSAL, 3)
    assert not MARKER.wrote(posted, PROPOSAL, 2)


async def test_our_comment_is_known_by_its_id_where_the_marker_is_left_out(scene: LinearScene) -> None:
    ref = await scene.filed()
    await scene.writer.comment(ref, MARKER.sign("Sorted", PROPOSAL, 3))
    (kept,) = scene.linear.ticket(ref.project, 1).comments
    kept.body = "Sorted"
    (posted,) = await scene.writer.comments(ref)
    assert MARKER.wrote(posted, PROPOSAL, 3)
    assert not MARKER.is_ours(posted.body)


async def test_only_comments_of_this_ticket_are_deleted(scene: LinearScene) -> None:
    first, second = await scene.filed(), await scene.filed()
    await scene.comments(second, "theirs")
    (theirs,) = await scene.writer.comments(second)
    await scene.writer.remove_comment(first, theirs.id)
    assert await scene.writer.comments(second) == (theirs,)


async def test_people_are_found_without_regard_to_case(scene: LinearScene) -> None:
    ref = await scene.filed(labels=("kind: bug",))
    await scene.writer.assign(ref, Login("Data-Lead"))
    await scene.writer.remove_label(ref, "Kind: Bug")
    await scene.writer.unassign(ref, Login("DATA-LEAD"))
    ticket = await scene.reader.read(ref)
    assert (ticket.labels, ticket.assignees) == ((), ())
