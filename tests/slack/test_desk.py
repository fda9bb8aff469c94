"""What the desk makes of Slack's answers: final, later, or unknown. Nothing is ever sent twice by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.slack import LocalSlack, demo_workspace
from bot.sandbox.slack.serving import Serving, listen
from bot.slack.blocks.answers import said
from bot.slack.blocks.message import Message
from bot.slack.desk import PAGE, SEARCH_PAGES, SlackDesk, open_client, who_am_i
from bot.slack.errors import PostUnknown, SlackRefused
from bot.slack.ids import CARD_EVENT
from bot.slack.payloads import Home
from bot.slack.replies import Me
from graphs.errors import RateLimited
from graphs.model import SlackUserId, TriageId

CHANNEL, PRIVATE = "C01TRIAGE", "C99NOWHERE"
ON_DUTY, GUEST, STRANGER, GONE = map(SlackUserId, ["U01ONDUTY", "U06GUEST", "U07STRANGER", "U08GONE"])
HELLO = said("Hello.")
ME = Me(home=Home(team="T0LOCAL"), user=SlackUserId("U0BOT"), bot="B0BOT")


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


async def a_desk(slack: LocalSlack, timeout_s: int = 10) -> SlackDesk:
    client = open_client(slack.workspace.bot_token.get_secret_value(), slack.base_url, timeout_s)
    return SlackDesk(client, await who_am_i(client))


@pytest.fixture
async def desk(slack: LocalSlack) -> SlackDesk:
    return await a_desk(slack)


def card(triage: str) -> Message:
    metadata: dict[str, object] = {
        "event_type": CARD_EVENT,
        "event_payload": {"triage": triage, "proposal": "p"},
    }
    return HELLO.model_copy(update={"metadata": metadata})


# --- saying things ------------------------------------------------------------------------------------------------


async def test_a_message_is_posted_changed_and_whispered(slack: LocalSlack, desk: SlackDesk) -> None:
    ts = await desk.post(CHANNEL, HELLO)
    await desk.update(CHANNEL, ts, said("Changed."))
    await desk.whisper(CHANNEL, ON_DUTY, said("Only you."))
    assert slack.message(CHANNEL, ts).all_text.count("Changed.") >= 1
    assert "Only you." in slack.ephemerals(ON_DUTY)[0].all_text
    assert len(slack.messages(CHANNEL)) == 1


async def test_a_message_that_is_too_long_is_cut_and_not_refused(slack: LocalSlack, desk: SlackDesk) -> None:
    await desk.post(CHANNEL, said("word " * 10_000))
    assert len(slack.messages(CHANNEL)) == 1


# --- what can go wrong --------------------------------------------------------------------------------------------

Break = Callable[[LocalSlack, str], None]
POSTS: dict[str, Callable[[SlackDesk], Awaitable[object]]] = {
    "chat.postMessage": lambda desk: desk.post(CHANNEL, HELLO),
    "chat.update": lambda desk: desk.update(CHANNEL, "1.2", HELLO),
    "chat.postEphemeral": lambda desk: desk.whisper(CHANNEL, ON_DUTY, HELLO),
    "users.info": lambda desk: desk.person(ON_DUTY),
    "conversations.history": lambda desk: desk.find(CHANNEL, TriageId("t")),
}
FAULTS: dict[str, tuple[Break, type[Exception], str]] = {
    "429": (lambda slack, method: slack.faults.rate_limit(method, retry_after_s=7), RateLimited, "wait"),
    "limited with 200": (lambda slack, method: slack.faults.fail(method, error="ratelimited"), RateLimited, "wait"),
    "500": (lambda slack, method: slack.faults.fail(method, status=500, error="x"), PostUnknown, "500"),
    "503": (lambda slack, method: slack.faults.fail(method, status=503, error=""), PostUnknown, "503"),
    "503 done": (lambda slack, method: slack.faults.fail(method, status=503, takes_effect=True), PostUnknown, "503"),
    "cut": (lambda slack, method: slack.faults.cut(method, times=2), PostUnknown, "lost"),
    "internal_error": (
        lambda slack, method: slack.faults.fail(method, error="internal_error"),
        PostUnknown,
        "internal",
    ),
    "fatal_error": (lambda slack, method: slack.faults.fail(method, error="fatal_error"), PostUnknown, "fatal_error"),
    "unavailable": (lambda slack, m: slack.faults.fail(m, error="service_unavailable"), PostUnknown, "unavailable"),
    "no reason": (lambda slack, method: slack.faults.fail(method, error=""), PostUnknown, "200"),
    "not_in_channel": (lambda slack, m: slack.faults.fail(m, error="not_in_channel"), SlackRefused, "/invite"),
    "missing_scope": (lambda slack, m: slack.faults.fail(m, error="missing_scope"), SlackRefused, "strata manifest"),
    "is_archived": (lambda slack, m: slack.faults.fail(m, error="is_archived"), SlackRefused, "SLACK_CHANNEL"),
    "invalid_auth": (lambda slack, m: slack.faults.fail(m, error="invalid_auth"), SlackRefused, "SLACK_BOT_TOKEN"),
    "something new": (lambda slack, m: slack.faults.fail(m, error="new_in_2031"), SlackRefused, "new_in_2031"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", POSTS)
async def test_failures_are_sorted_and_nothing_is_tried_again(
    slack: LocalSlack, desk: SlackDesk, method: str, fault: str
) -> None:
    break_it, expected, words = FAULTS[fault]
    break_it(slack, method)
    with pytest.raises(expected, match=words):
        await POSTS[method](desk)
    # A question whose connection broke is asked once more by the HTTP client: that changes nothing in Slack.
    reads = method in ("users.info", "conversations.history")
    assert slack.journal.count(method) == (2 if reads and fault == "cut" else 1)


async def test_slack_says_how_long_to_wait(slack: LocalSlack, desk: SlackDesk) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after_s=31)
    with pytest.raises(RateLimited) as caught:
        await desk.post(CHANNEL, HELLO)
    assert caught.value.retry_after_s == 31


async def test_a_lost_answer_leaves_one_message(slack: LocalSlack, desk: SlackDesk) -> None:
    """The SDK by itself would post again here."""
    slack.faults.cut("chat.postMessage")
    with pytest.raises(PostUnknown):
        await desk.post(CHANNEL, card("t1"))
    assert len(slack.messages(CHANNEL)) == 1
    assert await desk.find(CHANNEL, TriageId("t1")) == slack.messages(CHANNEL)[0].ts


async def test_no_answer_in_time_is_an_unknown_outcome(slack: LocalSlack) -> None:
    hasty = await a_desk(slack, timeout_s=1)
    slack.faults.hang("chat.postMessage", takes_effect=True)
    with pytest.raises(PostUnknown):
        await hasty.post(CHANNEL, HELLO)
    assert slack.journal.count("chat.postMessage") == len(slack.messages(CHANNEL)) == 1


async def test_nobody_there_is_an_unknown_outcome() -> None:
    client = open_client("xoxb-1", "http://127.0.0.1:9/api/")
    with pytest.raises(PostUnknown):
        await who_am_i(client)


async def test_a_token_that_slack_does_not_know(slack: LocalSlack) -> None:
    with pytest.raises(SlackRefused, match="SLACK_BOT_TOKEN"):
        await who_am_i(open_client("xoxb-canary", slack.base_url))


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (200, b"<html>maintenance</html>", "text/html"),
        (200, b"{", "application/json"),
        (200, b"[]", "application/json"),
        (200, b"\xff\xfe", "application/json"),
        (200, b"", "application/json"),
        (502, b"<html>bad gateway</html>", "text/html"),
        (429, b"slow down", "text/plain"),
        (302, b"", "text/html"),
        (404, b"", "text/plain"),
    ],
)
async def test_an_answer_that_is_none_of_slacks(status: int, body: bytes, content_type: str) -> None:
    """A proxy on the way answers in Slack's name: nobody knows what became of the message."""

    async def answer(_request: Request) -> Response:
        return Response(body, status, media_type=content_type)

    serving = Serving(Starlette(routes=[Route("/api/{method}", answer, methods=["POST"])]), listen())
    await serving.ready()
    try:
        client = open_client("xoxb-1", f"http://127.0.0.1:{serving.port}/api/")
        with pytest.raises(RateLimited if status == 429 else PostUnknown):
            await SlackDesk(client, ME).post(CHANNEL, HELLO)
    finally:
        await serving.stop()


# --- finding a card again -----------------------------------------------------------------------------------------


async def test_a_card_is_found_by_its_metadata_only(slack: LocalSlack, desk: SlackDesk) -> None:
    slack.say("on-duty", "triage", "this card is about triage t1")
    wrong = {"event_type": "other_app", "event_payload": {"triage": "t1", "proposal": "p"}}
    await desk.post(CHANNEL, HELLO.model_copy(update={"metadata": wrong}))
    assert await desk.find(CHANNEL, TriageId("t1")) is None
    ts = await desk.post(CHANNEL, card("t1"))
    await desk.post(CHANNEL, card("t2"))
    assert await desk.find(CHANNEL, TriageId("t1")) == ts


async def test_what_another_app_made_look_like_a_card_is_passed_over(slack: LocalSlack, desk: SlackDesk) -> None:
    await desk.post(CHANNEL, card("t1"))
    client = open_client(slack.workspace.bot_token.get_secret_value(), slack.base_url)
    other = SlackDesk(client, (await who_am_i(client)).model_copy(update={"bot": "B0OTHER"}))
    assert await other.find(CHANNEL, TriageId("t1")) is None


async def test_a_card_on_a_later_page_is_found(slack: LocalSlack, desk: SlackDesk) -> None:
    ts = await desk.post(CHANNEL, card("t1"))
    for number in range(2 * PAGE):
        slack.say("on-duty", "triage", f"chatter {number}")
    assert await desk.find(CHANNEL, TriageId("t1")) == ts
    assert slack.journal.count("conversations.history") == 3


async def test_the_search_has_an_end(slack: LocalSlack, desk: SlackDesk) -> None:
    await desk.post(CHANNEL, card("t1"))
    for number in range(SEARCH_PAGES * PAGE):
        slack.say("on-duty", "triage", f"chatter {number}")
    assert await desk.find(CHANNEL, TriageId("t1")) is None
    assert slack.journal.count("conversations.history") == SEARCH_PAGES


async def test_an_empty_channel_has_no_card(desk: SlackDesk) -> None:
    assert await desk.find(CHANNEL, TriageId("t1")) is None


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "traits"),
    [
        (ON_DUTY, set()),
        (GUEST, {"is_guest"}),
        (STRANGER, {"is_stranger"}),
        (GONE, {"is_deactivated"}),
        (SlackUserId("U0BOT"), {"is_bot"}),
    ],
)
async def test_what_the_directory_says_of_people(desk: SlackDesk, user: SlackUserId, traits: set[str]) -> None:
    actor = await desk.person(user)
    assert {name for name, value in actor if value is True and name != "is_known"} == traits
    assert actor.is_known


async def test_somebody_the_directory_does_not_know(desk: SlackDesk) -> None:
    assert not (await desk.person(SlackUserId("U0NOBODY"))).is_known


async def test_a_missing_permission_is_not_an_unknown_person() -> None:
    async with LocalSlack(demo_workspace().without_scopes("users:read")) as slack:
        with pytest.raises(SlackRefused, match="missing_scope"):
            await (await a_desk(slack)).person(ON_DUTY)


# --- answering a command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410, 429, 500])
async def test_a_response_address_that_has_ended(desk: SlackDesk, status: int) -> None:
    asked: list[bytes] = []

    async def answer(request: Request) -> Response:
        asked.append(await request.body())
        return Response(b"used_url", status)

    serving = Serving(Starlette(routes=[Route("/x", answer, methods=["POST"])]), listen())
    await serving.ready()
    try:
        with pytest.raises(SlackRefused, match=str(status)):
            await desk.respond(f"http://127.0.0.1:{serving.port}/x", HELLO)
    finally:
        await serving.stop()
    assert len(asked) == 1


async def test_a_response_address_where_nobody_listens(desk: SlackDesk) -> None:
    with pytest.raises(SlackRefused, match="could not be reached"):
        await desk.respond("http://127.0.0.1:9/x", HELLO)
