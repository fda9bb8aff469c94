"""What is GitLab's own: links, names, complaints, confidential issues, and comments that must not command."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.trackers.answers import Answer
from bot.trackers.contract import BadLink
from bot.trackers.gitlab.links import parse_link
from bot.trackers.gitlab.names import is_bot, is_project, label_item
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.wire import refusal
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Login
from tests.trackers.contract.scene import GitLabScene, arrivals, gitlab_scene
from tests.trackers.gitlab.deliveries import KEY

SITE = GitLabSite(web="https://gitlab.example.com/git")


@pytest.fixture
async def scene() -> AsyncIterator[GitLabScene]:
    async with gitlab_scene(secret=KEY) as one:
        yield one


@pytest.mark.parametrize(
    "text",
    [
        "https://gitlab.example.com/git/acme/team/assistant/-/issues/23",
        "https://gitlab.example.com/git/acme/team/assistant/-/issues/23?x=1#note_4",
        "https://gitlab.example.com/git/acme/team/assistant/-/work_items/23",
        "https://gitlab.example.com/git/acme/team/assistant/issues/23/",
        "https://gitlab.example.com:443/git/api/v4/projects/acme%2Fteam%2Fassistant/issues/23",
        " acme/team/assistant#23 ",
    ],
)
def test_links_that_name_an_issue(text: str) -> None:
    link = parse_link(text, SITE)
    assert (link.project, link.number) == ("acme/team/assistant", "23")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme#1",
        "acme/team",
        "acme/team#x",
        "acme/../team#1",
        "https://gitlab.example.com/acme/team/-/issues/23",
        "https://elsewhere.example/git/acme/team/-/issues/23",
        "https://user@gitlab.example.com/git/acme/team/-/issues/23",
        "https://gitlab.example.com/git/acme/team/-/issues/x",
        "https://gitlab.example.com/git/acme/team/-/merge_requests/23",
        "https://gitlab.example.com/git/api/v4/projects/..%2Fup/issues/23",
        "https://[bad/git/a/b/-/issues/1",
        "a\x00b/c#1",
    ],
)
def test_links_that_name_none(text: str) -> None:
    with pytest.raises(BadLink, match="looks like"):
        parse_link(text, SITE)


@pytest.mark.parametrize("project", ["a/b", "a/b/c.d/e-f", "A_1/b"])
def test_projects(project: str) -> None:
    assert is_project(project)


@pytest.mark.parametrize("project", ["a", "a//b", "-a/b", "a/b.git", "a/b.atom", "a/..", "a/b?c", "a/b/"])
def test_what_no_project_is_called(project: str) -> None:
    assert not is_project(project)


@pytest.mark.parametrize("label", ["a,b", "None", "any", "\x85", ""])
def test_labels_that_would_mean_something_else(label: str) -> None:
    with pytest.raises(TrackerRejected):
        label_item(label)


def test_tokens_act_as_bots() -> None:
    assert is_bot("project_12_bot_0a1b2c")
    assert is_bot("group_7_bot")
    assert not is_bot("on-duty")


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer("GET /x", status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (401, b'{"message":"401 Unauthorized"}', TrackerRefused, "401 Unauthorized"),
        (403, b'{"error":"insufficient_scope","error_description":"more"}', TrackerRefused, "insufficient_scope; more"),
        (404, b'{"message":"404 Issue Not Found"}', TicketGone, "404 Issue Not Found"),
        (400, b'{"message":{"title":["is too long"]}}', TrackerRejected, "title is too long"),
        (409, b'{"message":"Label already exists"}', TrackerRejected, "already exists"),
        (422, b'{"message":[["x"], {"a": {"b": {"c": "d"}}}]}', TrackerRejected, "422"),
        (500, b"<html>", TrackerUnavailable, "500"),
        (302, b"", TrackerUnavailable, "302"),
        (400, b'{"message":"a\\u0000b\\u202e' + b"x" * 500 + b'"}', TrackerRejected, "a b "),
    ],
)
def test_complaints_in_every_form(status: int, body: bytes, error: type[Exception], words: str) -> None:
    found = refusal(answer(status, body), 0.0)
    assert type(found) is error or isinstance(found, error)
    assert words in str(found)
    assert len(str(found)) < 320
    assert str(found).isprintable()


def test_how_long_to_wait() -> None:
    for headers, seconds in (
        ({"retry_after": "30"}, 30),
        ({"ratelimit_remaining": "0", "ratelimit_reset": "1070"}, 70),
        ({"retry_after": "999999"}, 3600),
        ({}, 60),
    ):
        found = refusal(answer(429, b"", **headers), 1000.0)
        assert isinstance(found, RateLimited)
        assert found.retry_after_s == seconds


async def test_a_confidential_issue_of_a_public_project_is_private() -> None:
    async with gitlab_scene(private=False) as scene:
        ref = await scene.filed()
        assert not (await scene.reader.read(ref)).private
        scene.gitlab.ticket(ref.project, int(ref.number)).confidential = True
        assert (await scene.reader.read(ref)).private


@pytest.mark.parametrize("body", ["/close", "fine\n/assign @on-duty", "fine\n  /label ~x"])
async def test_a_comment_cannot_command(scene: GitLabScene, body: str) -> None:
    ref = await scene.filed()
    with pytest.raises(TrackerRejected, match="begins with /"):
        await scene.writer.comment(ref, body)
    await scene.writer.comment(ref, "either/or, and 1/2\n> /quoted")
    assert len(await scene.writer.comments(ref)) == 1


async def test_an_assignment_that_gitlab_drops_is_not_taken_for_done(scene: GitLabScene) -> None:
    ref = await scene.filed()
    scene.gitlab.drops_assignees = True
    with pytest.raises(TrackerRejected, match="silently"):
        await scene.writer.assign(ref, Login("data-lead"))


async def test_labels_and_people_are_found_without_regard_to_case(scene: GitLabScene) -> None:
    ref = await scene.filed(labels=("Kind: Bug",))
    await scene.writer.assign(ref, Login("Data-Lead"))
    await scene.writer.remove_label(ref, "kind: bug")
    await scene.writer.unassign(ref, Login("DATA-LEAD"))
    ticket = await scene.reader.read(ref)
    assert (ticket.labels, ticket.assignees) == ((), ())


async def test_work_items_of_other_types_are_no_tickets(scene: GitLabScene) -> None:
    ref = await scene.filed()
    shown = {"iid": 1, "title": "x", "state": "opened", "issue_type": "task"}
    times = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    scene.faults.fail(200, method="GET", body={**shown, **times})
    with pytest.raises(TicketGone, match="another type"):
        await scene.reader.read(ref)


async def test_the_history_between_comments_is_not_theirs(scene: GitLabScene) -> None:
    ref = await scene.filed()
    system = {"id": 1, "body": "changed the description", "system": True}
    ours = {"id": 2, "body": "hello", "author": {"id": 1, "username": "on-duty"}}
    scene.faults.fail(200, method="GET", body=[system, ours])
    assert [one.body for one in await scene.writer.comments(ref)] == ["hello"]


async def test_internal_notes_are_not_shown_to_the_agent(scene: GitLabScene) -> None:
    ref = await scene.filed()
    notes = [{"id": number, "body": str(number), flag: True} for number, flag in ((1, "internal"), (2, "confidential"))]
    for _ in range(2):
        scene.faults.fail(200, method="GET", body=[*notes, {"id": 3, "body": "3"}])
    assert [one.body for one in await scene.reader.comments(ref)] == ["3"]
    assert [one.body for one in await scene.writer.comments(ref)] == ["1", "2", "3"]


async def test_signed_deliveries_come_through_the_door(scene: GitLabScene) -> None:
    ref = await scene.filed()
    await scene.comments(ref, "me too")
    assert [one.name for one in arrivals(scene)] == ["issue.open", "note.create"]
