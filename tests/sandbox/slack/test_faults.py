"""What a test can make go wrong, and that the real SDK sees it as it would see the real thing."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import Response

from bot.sandbox.slack import LocalSlack
from tests.sandbox.slack.receiver import Receiver

CHANNEL = "C01TRIAGE"


async def test_a_cut_connection_hides_that_the_message_was_posted(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.cut("chat.postMessage")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel=CHANNEL, text="once")
    assert [message.text for message in slack.messages("triage")] == ["once"]
    (call,) = slack.journal.of("chat.postMessage")
    assert (call.ok, call.answered) == (True, False)


async def test_the_sdks_own_retry_posts_twice_then(slack: LocalSlack) -> None:
    careless = AsyncWebClient(token=slack.workspace.bot_token.get_secret_value(), base_url=slack.base_url)
    slack.faults.cut("chat.postMessage")
    await careless.chat_postMessage(channel=CHANNEL, text="twice")
    assert [message.text for message in slack.messages("triage")] == ["twice", "twice"]


async def test_a_cut_before_the_effect_leaves_nothing(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.cut("chat.postMessage", takes_effect=False)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel=CHANNEL, text="never")
    assert slack.messages("triage") == []
    assert slack.journal.count("chat.postMessage", ok=True) == 0


async def test_a_hanging_call_runs_into_the_callers_time_out(slack: LocalSlack) -> None:
    token = slack.workspace.bot_token.get_secret_value()
    hasty = AsyncWebClient(token=token, base_url=slack.base_url, timeout=1, retry_handlers=[])
    slack.faults.hang("chat.postMessage", takes_effect=True)
    with pytest.raises(asyncio.TimeoutError):
        await hasty.chat_postMessage(channel=CHANNEL, text="unknown")
    assert len(slack.messages("triage")) == 1


async def test_stopping_does_not_wait_for_a_hanging_call() -> None:
    async with LocalSlack() as slack:
        client = AsyncWebClient(token="xoxb-local-bot-token", base_url=slack.base_url, retry_handlers=[])
        slack.faults.hang("auth.test")
        call = asyncio.create_task(client.auth_test())
        await slack.until(lambda: slack.journal.calls)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call


async def test_rate_limits_say_when_to_come_back(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after_s=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    slack.faults.rate_limit("chat.postMessage", times=2, retry_after_s=0)
    await client.chat_postMessage(channel=CHANNEL, text="x")
    assert slack.journal.count("chat.postMessage") == 4
    assert slack.journal.count("chat.postMessage", ok=True) == len(slack.messages("triage")) == 1


async def test_errors_and_statuses(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.faults.fail("*", error="fatal_error", times=2)
    slack.faults.fail("chat.postMessage", error="internal_error", status=503, takes_effect=True)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="x")
    assert caught.value.response.status_code == 503
    assert len(slack.messages("triage")) == 1
    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.chat_postMessage(channel=CHANNEL, text="x")
    slack.faults.clear()
    await client.auth_test()


async def test_a_held_call_waits_for_its_release(slack: LocalSlack, client: AsyncWebClient) -> None:
    gate = slack.faults.hold("chat.postMessage")
    slack.faults.delay("chat.postMessage", 0.01)
    first = asyncio.create_task(client.chat_postMessage(channel=CHANNEL, text="held"))
    await slack.until(lambda: slack.faults.waiting)
    await client.chat_postMessage(channel=CHANNEL, text="free")
    gate.set()
    await first
    assert [message.text for message in slack.messages("triage")] == ["free", "held"]


async def test_a_duplicated_click_is_the_same_bytes(slack: LocalSlack, receiver: Receiver) -> None:
    slack.faults.duplicate_interaction(copies=3)
    await slack.slash("on-duty", "triage", "/triage", "x")
    assert len(receiver.got) == 3
    assert len({got.body for got in receiver.got}) == 1
    await slack.slash("on-duty", "triage", "/triage", "x")
    assert len(receiver.got) == 4


async def test_no_answer_within_the_deadline(slack: LocalSlack, receiver: Receiver) -> None:
    slack.delivery.ack_deadline_s = 0.05
    receiver.silent = asyncio.Event()
    outcome = await slack.slash("on-duty", "triage", "/triage")
    assert (outcome.acked, outcome.error) == (False, "operation_timeout")


async def test_nobody_there(slack: LocalSlack) -> None:
    assert (await slack.slash("on-duty", "triage", "/triage")).error == "dispatch_failed"
    slack.request_url = "http://127.0.0.1:9/"
    assert (await slack.slash("on-duty", "triage", "/triage")).error == "connection_failed"


async def test_events_are_retried_with_number_and_reason(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers.extend([Response(status_code=500), Response(status_code=502)])
    outcome = await slack.mention("on-duty", "triage", "hello")
    assert (outcome.acked, outcome.attempts) == (True, 3)
    assert len({str(got.json["event_id"]) for got in receiver.got}) == 1
    retries = [(g.headers.get("x-slack-retry-num"), g.headers.get("x-slack-retry-reason")) for g in receiver.got]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]


async def test_a_bot_can_refuse_retries(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers.append(Response(status_code=500, headers={"X-Slack-No-Retry": "1"}))
    assert not (await slack.mention("on-duty", "triage", "hello")).acked
    assert len(receiver.got) == 1


async def test_clicks_are_never_retried(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers.append(Response(status_code=500))
    assert (await slack.slash("on-duty", "triage", "/triage")).error == "http_error"
    assert len(receiver.got) == 1


async def test_events_out_of_order(slack: LocalSlack, receiver: Receiver) -> None:
    slack.faults.reorder_events(3)
    for text in ("first", "second", "third", "fourth"):
        await slack.mention("on-duty", "triage", text)
    arrived = [got.json["event"] for got in receiver.got]
    words = [str(event["text"]).split()[-1] for event in arrived if isinstance(event, dict)]
    assert words == ["third", "second", "first", "fourth"]
