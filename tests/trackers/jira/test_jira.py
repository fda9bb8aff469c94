"""What is Jira's own: links, names, labels without blanks, who may see what, moved issues, complaints, credentials."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue, SecretStr

from bot.trackers.answers import Answer
from bot.trackers.blanks import with_blanks
from bot.trackers.contract import BadLink
from bot.trackers.credentials import authorization
from bot.trackers.jira.links import parse_link
from bot.trackers.jira.names import is_login, is_project, to_jira
from bot.trackers.jira.search import ago
from bot.trackers.jira.site import Flavour, JiraSite
from bot.trackers.jira.wire import refusal
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Login, Millis
from tests.trackers.jira.scene import JiraScene, jira_scene

SITE = JiraSite(web="https://jira.example.com/jira", flavour=Flavour.DATA_CENTER)


@pytest.fixture(params=["cloud", "data center"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[JiraScene]:
    async with jira_scene(cloud=request.param == "cloud") as one:
        yield one


@pytest.mark.parametrize(
    "text",
    [
        "https://jira.example.com/jira/browse/ASSIST-23",
        "https://jira.example.com/jira/browse/assist-23?focusedCommentId=1",
        "https://jira.example.com/jira/projects/ASSIST/issues/ASSIST-23",
        "https://jira.example.com/jira/jira/software/c/projects/ASSIST/issues/ASSIST-23",
        "https://jira.example.com/jira/jira/software/projects/ASSIST/boards/1?selectedIssue=ASSIST-23",
        "https://jira.example.com:443/jira/rest/api/2/issue/ASSIST-23",
        " assist-23 ",
        "ASSIST#23",
    ],
)
def test_links_that_name_an_issue(text: str) -> None:
    link = parse_link(text, SITE)
    assert (link.project, link.number) == ("ASSIST", "23")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ASSIST",
        "ASSIST-0",
        "ASSIST-x",
        "1A-1",
        "a/b#1",
        "https://jira.example.com/browse/ASSIST-23",
        "https://elsewhere.example/jira/browse/ASSIST-23",
        "https://user@jira.example.com/jira/browse/ASSIST-23",
        "https://jira.example.com/jira/browse/ASSIST-23/x",
        "https://jira.example.com/jira/projects/ASSIST",
        "https://[bad/jira/browse/A-1",
        "ASSIST\x00-1",
    ],
)
def test_links_that_name_none(text: str) -> None:
    with pytest.raises(BadLink, match="looks like"):
        parse_link(text, SITE)


@pytest.mark.parametrize(("web", "flavour"), [
    ("https://acme.atlassian.net", Flavour.CLOUD),
    ("https://jira.acme.example", Flavour.DATA_CENTER),
    ("https://acme.atlassian.net.example", Flavour.DATA_CENTER),
])  # fmt: skip
def test_the_flavour_by_the_address(web: str, flavour: Flavour) -> None:
    assert Flavour.of(web) is flavour


def test_tokens_with_scopes_go_through_the_gateway_and_strangers_do_not() -> None:
    site = JiraSite(
        web="https://acme.atlassian.net", flavour=Flavour.CLOUD, gateway="https://api.atlassian.com/ex/jira/1"
    )
    assert site.api == "https://api.atlassian.com/ex/jira/1/rest/api/3"
    assert site.open_api == "https://acme.atlassian.net/rest/api/3"


def test_names() -> None:
    assert is_project("OPS_2")
    assert not any(is_project(one) for one in ("ops", "", "2OPS", 'OPS" OR "1', "OPS-1", "OPS\n"))
    assert is_login("712020:0a1b-2c")
    assert is_login("data.lead@acme.example")
    assert not any(is_login(one) for one in ("", "../up", "a b", "a/b", "a\n", "x" * 300))


@pytest.mark.parametrize("label", ["needs info", "kind: bug", "a-b", "größe 🐛", " x"])
def test_labels_go_there_and_back(label: str) -> None:
    assert " " not in to_jira(label)
    assert with_blanks(to_jira(label)) == label


def test_a_label_with_an_underscore_is_told_how_to_be_written() -> None:
    with pytest.raises(TrackerRejected, match="write a blank"):
        to_jira("needs_info")


def test_how_long_ago_a_query_asks() -> None:
    now = 1_767_225_600.0
    for before, asked in ((0, '"-2m"'), (61, '"-4m"'), (3_600, '"-62m"'), (30 * 86_400, '"-31d"'), (-99, '"-2m"')):
        assert ago(Millis(int((now - before) * 1000)), now) == asked


@pytest.mark.parametrize(("secret", "sent"), [
    ("pat-1", "Bearer pat-1"),
    ("bot@acme.example:ATATT=1", "Basic " + base64.b64encode(b"bot@acme.example:ATATT=1").decode()),
])  # fmt: skip
def test_how_a_credential_is_shown(secret: str, sent: str) -> None:
    assert authorization(SecretStr(secret)) == sent


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (401, b'{"message":"Client must be authenticated"}', TrackerRefused, "must be authenticated"),
        (403, b'{"errorMessages":["You may not"],"errors":{}}', TrackerRefused, "You may not"),
        (404, b'{"errorMessages":["Issue does not exist"],"errors":{}}', TicketGone, "Issue does not exist"),
        (400, b'{"errorMessages":[],"errors":{"labels":"is not on the screen"}}', TrackerRejected, "labels: is not on"),
        (400, b'{"errors":null}', TrackerRejected, "400"),
        (500, b"<html>", TrackerUnavailable, "500"),
        (302, b"", TrackerUnavailable, "302"),
    ],
)
def test_complaints_in_every_form(status: int, body: bytes, error: type[Exception], words: str) -> None:
    found = refusal(Answer("GET /x", status, {}, body), 0.0)
    assert isinstance(found, error)
    assert words in str(found)


def test_how_long_to_wait() -> None:
    found = refusal(Answer("GET /x", 429, {"retry-after": "30"}, b""), 1000.0)
    assert isinstance(found, RateLimited)
    assert found.retry_after_s == 30


async def test_an_issue_with_a_security_level_of_a_public_project_is_private() -> None:
    async with jira_scene(private=False) as scene:
        ref = await scene.filed()
        assert not (await scene.reader.read(ref)).private
        # A level that everybody belongs to is still one.
        scene.faults.fail(200, method="GET", body={"key": ref.short, "fields": {**FIELDS, "security": {"id": "1"}}})
        assert (await scene.reader.read(ref)).private
        scene.jira.ticket(ref.project, int(ref.number)).confidential = True
        assert (await scene.reader.read(ref)).private


async def test_what_cannot_be_asked_counts_as_private() -> None:
    async with jira_scene(private=False) as scene:
        ref = await scene.filed()
        scene.faults.delay(method="GET")  # the first question is answered, the one that nobody asks is not
        scene.faults.fail(503, method="GET")
        assert (await scene.reader.read(ref)).private


async def test_a_moved_issue_is_gone_although_jira_answers_to_its_old_key(scene: JiraScene) -> None:
    ref = await scene.filed()
    shown: JsonValue = {"key": "OTHER-7", "fields": FIELDS}
    scene.faults.fail(200, method="GET", body=shown)
    with pytest.raises(TicketGone, match="moved"):
        await scene.reader.read(ref)


FIELDS: dict[str, JsonValue] = {
    "summary": "x",
    "created": "2026-01-01T00:00:00.000+0100",
    "updated": "2026-01-01T00:00:00.000+0100",
}


@pytest.mark.parametrize("kind", [{"subtask": True}, {"subtask": False, "hierarchyLevel": 1}])
async def test_sub_tasks_and_epics_are_no_tickets(scene: JiraScene, kind: dict[str, JsonValue]) -> None:
    ref = await scene.filed()
    scene.faults.fail(200, method="GET", body={"key": ref.short, "fields": {**FIELDS, "issuetype": kind}})
    with pytest.raises(TicketGone, match="not triaged"):
        await scene.reader.read(ref)


async def test_comments_for_some_are_not_shown_to_the_agent(scene: JiraScene) -> None:
    ref = await scene.filed()
    hidden: list[JsonValue] = [
        {"id": "1", "body": "1", "jsdPublic": False},
        {"id": "2", "body": "2", "visibility": {"value": "x"}},
    ]
    for _ in range(2):
        shown: list[JsonValue] = [*hidden, {"id": "3", "body": "3"}]
        scene.faults.fail(200, method="GET", body={"comments": shown, "total": 3})
    assert [one.body for one in await scene.reader.comments(ref)] == ["3"]
    assert [one.body for one in await scene.writer.comments(ref)] == ["1", "2", "3"]


async def test_an_assignment_that_jira_drops_is_not_taken_for_done(scene: JiraScene) -> None:
    ref = await scene.filed()
    scene.jira.drops_assignees = True
    with pytest.raises(TrackerRejected, match="silently"):
        await scene.writer.assign(ref, Login("data-lead"))


async def test_many_pages_of_changes_and_none_twice(scene: JiraScene) -> None:
    refs = [await scene.filed(f"Ticket {index}", ("needs info",)) for index in range(230)]
    found = [one async for page in scene.reader.changed_since(refs[0].install, "ASSIST", Millis(0)) for one in page]
    assert [one.ref for one in found] == refs
    assert await scene.reader.labels(refs[0]) == {"needs info"}


async def test_a_day_is_a_day_in_utc_wherever_the_account_lives(scene: JiraScene) -> None:
    """Jira begins a day of a query where the asker lives; we ask a day early and compare ourselves."""
    first, second = await scene.filed("before"), await scene.filed("after")
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for ref, moment in ((first, start - timedelta(seconds=1)), (second, start)):
        scene.jira.ticket(ref.project, int(ref.number)).created_at = moment.timestamp()
    pages = scene.reader.tickets(first.install, first.project, start.date())
    assert [one async for page in pages for one in page] == [second]
