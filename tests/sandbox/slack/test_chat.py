"""Messages: metadata is kept, edits follow Slack's rules, history pages, threads, response addresses."""

from __future__ import annotations

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack
from tests.sandbox.slack.conftest import Clock
from tests.sandbox.slack.receiver import Receiver
from tests.sandbox.slack.tiny_bot import card

CHANNEL = "C01TRIAGE"
METADATA = {"event_type": "card", "event_payload": {"proposal": "p-1"}}


async def test_metadata_shows_only_on_request(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=CHANNEL, text="x", metadata=METADATA)
    asked = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
    plainly = await client.conversations_history(channel=CHANNEL)
    assert asked["messages"][0]["metadata"] == METADATA
    assert plainly["messages"][0]["metadata"]["event_payload"] == {}


@pytest.mark.parametrize("metadata", [{"event_type": "card"}, {"event_payload": {}}, "text"])
async def test_broken_metadata_is_refused(client: AsyncWebClient, metadata: object) -> None:
    with pytest.raises(SlackApiError, match="invalid_metadata"):
        await client.api_call("chat.postMessage", json={"channel": CHANNEL, "text": "x", "metadata": metadata})


async def test_what_an_update_keeps(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x", blocks=card(), metadata=METADATA))["ts"]
    await client.chat_update(channel=CHANNEL, ts=ts, blocks=card()[:1])
    kept = slack.message("triage", ts)
    assert (len(kept.blocks), kept.text, kept.metadata) == (1, "x", METADATA)
    await client.chat_update(channel=CHANNEL, ts=ts, text="only text", metadata={})
    bare = slack.message("triage", ts)
    assert (bare.blocks, bare.text, bare.metadata) == ((), "only text", None)


async def test_only_own_messages_can_be_changed(slack: LocalSlack, client: AsyncWebClient) -> None:
    said = slack.say("on-duty", "triage", "mine")
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client.chat_update(channel=CHANNEL, ts=said.ts, text="yours")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await client.chat_delete(channel=CHANNEL, ts=said.ts)
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel=CHANNEL, ts="1.000000", text="x")
    assert slack.message("triage", said.ts).text == "mine"


async def test_delete_and_permalink(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="#triage", text="x"))["ts"]
    link = await client.chat_getPermalink(channel=CHANNEL, message_ts=ts)
    assert link["permalink"].endswith(f"/archives/{CHANNEL}/p{ts.replace('.', '')}")
    await client.chat_delete(channel=CHANNEL, ts=ts)
    assert slack.messages("triage") == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_getPermalink(channel=CHANNEL, message_ts=ts)


async def test_history_in_pages_newest_first(slack: LocalSlack, client: AsyncWebClient) -> None:
    posted = [(await client.chat_postMessage(channel=CHANNEL, text=str(at)))["ts"] for at in range(7)]
    read: list[str] = []
    async for page in await client.conversations_history(channel=CHANNEL, limit=3):
        read += [message["ts"] for message in page["messages"]]
    assert read == posted[::-1]
    since = await client.conversations_history(channel=CHANNEL, oldest=posted[4])
    assert [message["ts"] for message in since["messages"]] == posted[:4:-1]
    inclusive = await client.conversations_history(channel=CHANNEL, oldest=posted[4], latest=posted[5], inclusive=True)
    assert [message["ts"] for message in inclusive["messages"]] == [posted[5], posted[4]]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await client.conversations_history(channel=CHANNEL, cursor="nonsense")


async def test_threads(slack: LocalSlack, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel=CHANNEL, text="parent"))["ts"]
    reply = (await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=parent))["ts"]
    history = await client.conversations_history(channel=CHANNEL)
    assert [message["ts"] for message in history["messages"]] == [parent]
    assert history["messages"][0]["reply_count"] == 1
    thread = await client.conversations_replies(channel=CHANNEL, ts=parent)
    assert [message["ts"] for message in thread["messages"]] == [parent, reply]
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await client.conversations_replies(channel=CHANNEL, ts="1.000000")


async def test_timestamps_differ_within_one_microsecond(
    client: AsyncWebClient, slack: LocalSlack, clock: Clock
) -> None:
    clock.ahead_s = -1000.0
    stamps = [slack.world.store.next_ts() for _ in range(1000)]
    assert len(set(stamps)) == 1000
    assert stamps == sorted(stamps)


async def test_channels_and_direct_conversations(slack: LocalSlack, client: AsyncWebClient) -> None:
    listed = await client.conversations_list(types="public_channel,private_channel")
    assert {channel["name"] for channel in listed["channels"]} == {"triage", "general", "leads"}
    assert (await client.conversations_info(channel=CHANNEL))["channel"]["is_member"] is True
    assert "U01ONDUTY" in (await client.conversations_members(channel=CHANNEL))["members"]
    opened = (await client.conversations_open(users="U01ONDUTY"))["channel"]["id"]
    direct = await client.chat_postMessage(channel="U01ONDUTY", text="psst")
    assert direct["channel"] == opened
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.conversations_open(users="U99")


async def test_a_whisper_reaches_one_member(slack: LocalSlack, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=CHANNEL, user="U02MLLEAD", text="only you")
    assert [message.text for message in slack.ephemerals("ml-lead")] == ["only you"]
    assert slack.messages("triage") == slack.ephemerals("on-duty") == []
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await client.chat_postEphemeral(channel="G03LEADS", user="U06GUEST", text="x")


async def test_reactions(slack: LocalSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x"))["ts"]
    await client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
    assert slack.message("triage", ts).wire()["reactions"] == [{"name": "eyes", "count": 1}]
    with pytest.raises(SlackApiError, match="already_reacted"):
        await client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")


async def response_url(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> str:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x", blocks=card()))["ts"]
    await slack.click("on-duty", "triage", ts, "approve")
    return str(receiver.got[-1].json["response_url"])


async def test_a_response_address_works_five_times(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient
) -> None:
    url = await response_url(slack, receiver, client)
    async with httpx.AsyncClient() as http:
        codes = [(await http.post(url, json={"text": str(at)})).status_code for at in range(6)]
    assert codes == [200] * 5 + [404]
    assert [message.text for message in slack.ephemerals("on-duty")] == ["0", "1", "2", "3", "4"]


async def test_a_response_address_lives_half_an_hour(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient, clock: Clock
) -> None:
    url = await response_url(slack, receiver, client)
    clock.ahead_s += 29 * 60
    async with httpx.AsyncClient() as http:
        assert (await http.post(url, json={"text": "x", "response_type": "in_channel"})).text == "ok"
        clock.ahead_s += 2 * 60
        late = await http.post(url, json={"text": "late"})
    assert late.json() == {"ok": False, "error": "expired_url"}
    assert [message.text for message in slack.messages("triage")] == ["x", "x"]


async def test_a_response_address_deletes_and_refuses(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient
) -> None:
    url = await response_url(slack, receiver, client)
    async with httpx.AsyncClient() as http:
        bad = await http.post(url, json={"blocks": [{"type": "banner"}]})
        await http.post(url, json={"delete_original": True})
    assert bad.json()["error"] == "invalid_blocks"
    assert slack.messages("triage") == []
