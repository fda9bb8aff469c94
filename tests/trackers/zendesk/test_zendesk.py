"""What is Zendesk's own: links, tags, internal notes, its compare-and-set, complaints."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.trackers.answers import Answer
from bot.trackers.contract import BadLink
from bot.trackers.zendesk.links import parse_link
from bot.trackers.zendesk.names import to_tag
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.wire import refusal
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Login, Millis
from tests.trackers.zendesk.scene import ZendeskScene, zendesk_scene

SITE = ZendeskSite(web="https://acme.zendesk.com")


@pytest.fixture
async def scene() -> AsyncIterator[ZendeskScene]:
    async with zendesk_scene() as one:
        yield one


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.zendesk.com/agent/tickets/23",
        "https://acme.zendesk.com/agent/tickets/23?brand=1#x",
        "https://acme.zendesk.com/hc/en-us/requests/23",
        "https://acme.zendesk.com/api/v2/tickets/23.json",
        " ACME.zendesk.com#23 ",
    ],
)
def test_links_that_name_a_ticket(text: str) -> None:
    link = parse_link(text, SITE)
    assert (link.project, link.number) == ("acme.zendesk.com", "23")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "23",
        "#23",
        "other.zendesk.com#23",
        "acme.zendesk.com#0",
        "https://acme.zendesk.com/agent/users/23",
        "https://other.zendesk.com/agent/tickets/23",
        "https://user@acme.zendesk.com/agent/tickets/23",
        "https://[bad/agent/tickets/1",
        "acme.zendesk.com\x00#1",
    ],
)
def test_links_that_name_none(text: str) -> None:
    with pytest.raises(BadLink, match="looks like"):
        parse_link(text, SITE)


def test_labels_become_tags() -> None:
    assert to_tag("Kind: Bug") == "kind:_bug"
    with pytest.raises(TrackerRejected, match="write a blank"):
        to_tag("needs_info")


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (401, b'{"error":"Couldn\'t authenticate you"}', TrackerRefused, "authenticate"),
        (403, b'{"error":{"title":"Forbidden","message":"x"}}', TrackerRefused, "Forbidden"),
        (404, b'{"error":"RecordNotFound","description":"Not found"}', TicketGone, "Not found"),
        (
            422,
            b'{"error":"RecordInvalid","details":{"x":[{"description":"is closed"}]}}',
            TrackerRejected,
            "is clos",
        ),
        (409, b'{"error":"UpdateConflict"}', TrackerRejected, "UpdateConflict"),
        (500, b"<html>", TrackerUnavailable, "500"),
    ],
)
def test_complaints_in_every_form(status: int, body: bytes, error: type[Exception], words: str) -> None:
    found = refusal(Answer("GET /x", status, {}, body), 0.0)
    assert isinstance(found, error)
    assert words in str(found)


def test_how_long_to_wait() -> None:
    found = refusal(Answer("GET /x", 429, {"retry-after": "93"}, b""), 1000.0)
    assert isinstance(found, RateLimited)
    assert found.retry_after_s == 93


async def test_our_comments_are_internal_and_the_agent_sees_public_ones_only(scene: ZendeskScene) -> None:
    ref = await scene.filed()
    await scene.comments(ref, "me too")
    await scene.writer.comment(ref, "Sorted\n\n<!-- strata:0a.1.2b -->")
    (call,) = scene.zendesk.writes_on(ref.project, int(ref.number))
    assert call.body == {"ticket": {"comment": {"body": "Sorted\n\n[strata:0a.1.2b]", "public": False}}}
    assert [one.body for one in await scene.reader.comments(ref)] == ["me too"]
    written = [one.body for one in await scene.writer.comments(ref)]
    assert written == ["me too", "Sorted\n\n<!-- strata:0a.1.2b -->"]


async def test_who_takes_the_ticket_between_the_look_and_the_write_keeps_it(scene: ZendeskScene) -> None:
    """The write names the state it was decided on; Zendesk refuses it, and the second look finds the person."""
    ref = await scene.filed()
    ticket = scene.zendesk.ticket(ref.project, int(ref.number))
    seen = scene.zendesk.shapes.ticket(ticket)
    ticket.updated_at += 5
    ticket.assignees = ["on-duty"]
    scene.faults.fail(200, method="GET", body={"ticket": seen})
    with pytest.raises(TrackerRejected, match="would replace"):
        await scene.writer.assign(ref, scene.account("data-lead"))
    assert ticket.assignees == ["on-duty"]


async def test_a_ticket_that_others_are_busy_with_is_given_up_in_words(scene: ZendeskScene) -> None:
    ref = await scene.filed()
    scene.faults.fail(409, method="PUT", times=3)
    with pytest.raises(TrackerRejected, match="at the same time"):
        await scene.writer.assign(ref, scene.account("data-lead"))
    assert scene.writes(ref) == 3
    scene.zendesk.drops_assignees = True
    with pytest.raises(TrackerRejected, match="silently"):
        await scene.writer.assign(ref, scene.account("data-lead"))
    with pytest.raises(TrackerRejected, match="by its number"):
        await scene.writer.assign(ref, Login("data-lead"))


async def test_changes_are_read_until_they_are_too_old(scene: ZendeskScene) -> None:
    refs = [await scene.filed(f"Ticket {index}") for index in range(230)]
    for age, ref in enumerate(reversed(refs)):
        scene.zendesk.ticket(ref.project, int(ref.number)).updated_at -= 60 * age
    newest = (await scene.reader.read(refs[-1])).updated_at
    since = Millis(newest - 60_000 * 9)
    found = [one async for page in scene.reader.changed_since(refs[0].install, refs[0].project, since) for one in page]
    assert [one.ref for one in found] == refs[-10:]
    everything = scene.reader.changed_since(refs[0].install, refs[0].project, Millis(0))
    assert [one.ref async for page in everything for one in page] == refs
