"""Socket Mode beyond the story: several connections, refresh, a connection lost, retries told in the envelope."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.narrow import Json
from tests.sandbox.slack.tiny_bot import TinyBot


async def socket_url(slack: LocalSlack) -> str:
    app_token = slack.workspace.app_token.get_secret_value()
    opener = AsyncWebClient(token=app_token, base_url=slack.base_url)
    return str((await opener.apps_connections_open(app_token=app_token))["url"])


async def received(socket: aiohttp.ClientWebSocketResponse) -> Json:
    decoded = json.loads(await socket.receive_str())
    assert isinstance(decoded, dict)
    return decoded


async def test_hello_comes_first_and_a_ticket_works_once(slack: LocalSlack) -> None:
    url = await socket_url(slack)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        hello = await received(socket)
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"] == {"app_id": "A0LOCAL"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
        assert refused.value.status == 403


async def test_envelopes_spread_over_connections(slack: LocalSlack) -> None:
    first, second = TinyBot(slack), TinyBot(slack)
    async with first.over_socket(), second.over_socket():
        await slack.until(lambda: slack.hub.connected == 2)
        for _ in range(4):
            assert (await slack.slash("on-duty", "triage", "/triage", "x")).acked
    assert (first.kinds(), second.kinds()) == (["command"] * 2, ["command"] * 2)


async def test_bolt_comes_back_after_a_refresh(slack: LocalSlack) -> None:
    bot = TinyBot(slack)
    async with bot.over_socket():
        await slack.until(lambda: slack.hub.connected)
        (before,) = slack.hub.connections
        await slack.hub.refresh()
        await slack.until(lambda: slack.hub.connected and slack.hub.connections[0] is not before, timeout_s=30)
        async with asyncio.timeout(30):  # Bolt may change the new connection for another one at once
            while not (await slack.slash("on-duty", "triage", "/triage", "x")).acked:
                await slack.until(lambda: slack.hub.connected, timeout_s=30)


async def test_a_lost_connection_fails_the_click_not_the_server(slack: LocalSlack) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(await socket_url(slack)) as socket:
        await received(socket)
        slack.delivery.ack_deadline_s = 0.05
        outcome = await slack.slash("on-duty", "triage", "/triage", "x")
        assert outcome.error == "operation_timeout"
        assert (await received(socket))["type"] == "slash_commands"
    await slack.until(lambda: not slack.hub.connected)
    assert (await slack.slash("on-duty", "triage", "/triage", "x")).error == "dispatch_failed"


async def test_retries_are_told_in_the_envelope(slack: LocalSlack) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(await socket_url(slack)) as socket:
        await received(socket)
        slack.delivery.ack_deadline_s = 0.05
        outcome = await slack.mention("on-duty", "triage", "hello")
        assert (outcome.acked, outcome.attempts) == (False, 4)
        envelopes = [await received(socket) for _ in range(4)]
    assert [envelope["retry_attempt"] for envelope in envelopes] == [0, 1, 2, 3]
    assert envelopes[1]["retry_reason"] == "http_timeout"
    assert len({envelope["envelope_id"] for envelope in envelopes}) == 4
