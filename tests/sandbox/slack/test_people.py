"""Acts beside the story: selects, whispers with buttons, events, home, external options."""

from __future__ import annotations

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse

from bot.sandbox.slack import LocalSlack, PersonCannot
from bot.sandbox.slack.forms import Entry, entry
from bot.sandbox.slack.message import Element
from bot.sandbox.slack.narrow import Json
from tests.sandbox.slack.receiver import Receiver
from tests.sandbox.slack.test_views import notice, trigger
from tests.sandbox.slack.tiny_bot import button, card, plain

CHANNEL = "C01TRIAGE"
OPTIONS = [{"text": plain(name), "value": name} for name in ("bug", "feature")]


def element(kind: str, **more: object) -> Json:
    return {"type": kind, "action_id": "a", **more}


@pytest.mark.parametrize(
    ("body", "entered", "field", "value"),
    [
        (element("plain_text_input"), "words", "value", "words"),
        (element("plain_text_input"), None, "value", None),
        (element("static_select", options=OPTIONS), "bug", "selected_option", OPTIONS[0]),
        (element("static_select", option_groups=[{"options": OPTIONS}]), "bug", "selected_option", OPTIONS[0]),
        (element("multi_static_select", options=OPTIONS), ["bug", "feature"], "selected_options", OPTIONS),
        (element("checkboxes", options=OPTIONS), "bug", "selected_options", OPTIONS[:1]),
        (element("checkboxes", options=OPTIONS), None, "selected_options", []),
        (element("users_select"), "U01ONDUTY", "selected_user", "U01ONDUTY"),
        (element("multi_users_select"), ["U01ONDUTY"], "selected_users", ["U01ONDUTY"]),
        (element("datepicker"), "2026-11-23", "selected_date", "2026-11-23"),
        (element("external_select"), "x", "selected_option", {"text": plain("x"), "value": "x"}),
        (element("datepicker"), {"selected_date": "2026-11-23"}, "selected_date", "2026-11-23"),
    ],
)
def test_state_values_have_slacks_shape(body: Json, entered: Entry, field: str, value: object) -> None:
    assert entry(Element("b", body), entered) == {"type": body["type"], field: value}


async def test_a_select_in_a_message(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    select = element("static_select", options=OPTIONS, initial_option=OPTIONS[0])
    section = {"type": "section", "block_id": "kind", "text": plain("Kind"), "accessory": select}
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[section]))["ts"]
    with pytest.raises(PersonCannot, match="choose a value"):
        await slack.click("on-duty", "triage", ts, "a")
    await slack.click("on-duty", "triage", ts, "a", "feature")
    body = receiver.got[-1].json
    assert isinstance(body["actions"], list)
    assert body["actions"][0]["selected_option"] == OPTIONS[1]
    assert body["actions"][0]["block_id"] == "kind"


async def test_buttons_that_share_an_action_are_told_apart(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient
) -> None:
    blocks = [{"type": "actions", "elements": [button("open", value)]} for value in ("1", "2")]
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks))["ts"]
    await slack.click("on-duty", "triage", ts, "open", "2")
    actions = receiver.got[-1].json["actions"]
    assert isinstance(actions, list)
    assert actions[0]["value"] == "2"
    with pytest.raises(PersonCannot, match="no open with value 3"):
        await slack.click("on-duty", "triage", ts, "open", "3")


async def test_a_whisper_with_buttons(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=CHANNEL, user="U01ONDUTY", text="sure?", blocks=card())
    (whisper,) = slack.ephemerals("on-duty")
    with pytest.raises(PersonCannot, match="sees no message"):
        await slack.click("ml-lead", "triage", whisper.ts, "approve")
    await slack.click("on-duty", "triage", whisper.ts, "approve")
    body = receiver.got[-1].json
    assert isinstance(body["container"], dict)
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body
    async with httpx.AsyncClient() as http:
        url = str(body["response_url"])
        await http.post(url, json={"replace_original": True, "text": "done"})
        assert [message.text for message in slack.ephemerals("on-duty")] == ["done"]
        await http.post(url, json={"delete_original": True})
    assert slack.ephemerals("on-duty") == []


async def test_an_answer_for_all_is_seen_by_all(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers.append(JSONResponse({"response_type": "in_channel", "text": "hello all"}))
    outcome = await slack.slash("on-duty", "triage", "/triage", "help")
    assert outcome.text == "hello all"
    assert [message.text for message in slack.messages("triage")] == ["hello all"]
    assert slack.ephemerals("on-duty") == []


async def test_a_bad_immediate_answer_is_noticed(slack: LocalSlack, receiver: Receiver) -> None:
    receiver.answers.append(JSONResponse({"blocks": [{"type": "banner"}]}))
    outcome = await slack.slash("on-duty", "triage", "/triage", "help")
    assert (outcome.acked, outcome.error) == (False, "bad answer: invalid_blocks")


async def test_events_carry_their_envelope(slack: LocalSlack, receiver: Receiver) -> None:
    await slack.mention("on-duty", "triage", "what waits?")
    await slack.direct_message("on-duty", "hello")
    await slack.open_home("on-duty")
    bodies = [got.json for got in receiver.got]
    assert {body["type"] for body in bodies} == {"event_callback"}
    assert len({str(body["event_id"]) for body in bodies}) == 3
    events = [body["event"] for body in bodies if isinstance(body["event"], dict)]
    assert [event["type"] for event in events] == ["app_mention", "message", "app_home_opened"]
    assert events[0]["text"] == "<@U0BOT> what waits?"
    assert (events[0]["user"], events[0]["channel"]) == ("U01ONDUTY", CHANNEL)
    assert events[1]["channel_type"] == "im"


async def test_options_of_an_external_select(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    select = {"type": "external_select", "action_id": "label", "min_query_length": 1}
    block = {"type": "input", "block_id": "labels", "label": plain("Label"), "element": select}
    form = notice("labels", blocks=[block], submit=plain("Save"))
    await client.views_open(trigger_id=await trigger(slack, receiver), view=form)
    receiver.answers.append(JSONResponse({"options": OPTIONS}))
    assert await slack.suggest("on-duty", "labels", "label", "b") == OPTIONS
    body = receiver.got[-1].json
    assert (body["type"], body["action_id"], body["block_id"]) == ("block_suggestion", "label", "labels")
    assert body["value"] == "b"
