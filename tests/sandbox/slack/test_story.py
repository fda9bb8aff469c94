"""The whole way through: a command, a card, a click, a form with an error and without, an update, a whisper."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack import LocalSlack, Message, PersonCannot
from tests.sandbox.slack.tiny_bot import TinyBot


@pytest.fixture(params=["http", "socket"])
async def bot(request: pytest.FixtureRequest, slack: LocalSlack) -> AsyncIterator[TinyBot]:
    tiny = TinyBot(slack)
    async with tiny.over_http() if request.param == "http" else tiny.over_socket():
        yield tiny


async def the_card(slack: LocalSlack) -> Message:
    outcome = await slack.slash("on-duty", "triage", "/triage", "list")
    assert outcome.acked
    assert outcome.text == "working on list"
    return (await slack.until(lambda: slack.messages("triage")))[-1]


async def test_command_to_whisper(slack: LocalSlack, bot: TinyBot) -> None:
    message = await the_card(slack)
    assert slack.ephemerals("on-duty")[0].text == "working on list"
    assert message.metadata == {"event_type": "card", "event_payload": {"proposal": "p-1"}}

    clicked = await slack.click("on-duty", "triage", message.ts, "edit")
    assert clicked.acked
    (view,) = slack.open_views("on-duty")
    assert view.callback_id == "edit_form"

    refused = await slack.submit("on-duty", "edit_form", {"note": {"words": "bad"}})
    assert refused.errors == {"note": "say it better"}
    assert slack.open_views("on-duty")[0].errors == (("note", "say it better"),)

    accepted = await slack.submit("on-duty", view.id, {"note": {"words": "good"}, "layer": {"choice": "model"}})
    assert accepted.acked
    assert slack.open_views("on-duty") == []
    whispers = await slack.until(lambda: slack.ephemerals("on-duty")[1:])
    assert [whisper.text for whisper in whispers] == ["Thank you"]
    changed = slack.message("triage", message.ts)
    assert (changed.text, changed.blocks) == ("Edited: good", ())
    assert changed.metadata == message.metadata
    assert changed.edited_at is not None


async def test_the_click_payload_has_what_slack_sends(slack: LocalSlack, bot: TinyBot) -> None:
    message = await the_card(slack)
    await slack.click("ml-lead", "triage", message.ts, "approve")
    replaced = await slack.until(lambda: [m for m in slack.messages("triage") if m.text == "Approved"])
    assert replaced[0].ts == message.ts
    body = bot.last("approve")
    assert body["type"] == "block_actions"
    assert body["user"] == {"id": "U02MLLEAD", "username": "ml-lead", "name": "ml-lead", "team_id": "T0LOCAL"}
    assert body["channel"] == {"id": "C01TRIAGE", "name": "triage"}
    container = {"type": "message", "message_ts": message.ts, "channel_id": "C01TRIAGE", "is_ephemeral": False}
    assert body["container"] == container
    assert isinstance(body["actions"], list)
    pressed = dict(body["actions"][0])
    assert float(pressed.pop("action_ts")) > float(message.ts)
    label = {"type": "plain_text", "text": "approve"}
    assert pressed == {
        "type": "button",
        "action_id": "approve",
        "block_id": "decide",
        "value": "p-1",
        "text": label,
    }


async def test_an_overflow_choice_is_a_selected_option(slack: LocalSlack, bot: TinyBot) -> None:
    message = await the_card(slack)
    await slack.click("on-duty", "triage", message.ts, "more", "not-ours")
    actions = bot.last("more")["actions"]
    assert isinstance(actions, list)
    assert actions[0]["type"] == "overflow"
    assert actions[0]["selected_option"]["value"] == "not-ours"
    with pytest.raises(PersonCannot, match="does not offer"):
        await slack.click("on-duty", "triage", message.ts, "more", "explode")


async def test_a_stale_screen_can_still_press_a_button_that_is_gone(slack: LocalSlack, bot: TinyBot) -> None:
    before = await the_card(slack)
    await slack.click("on-duty", "triage", before.ts, "approve")
    await slack.until(lambda: slack.message("triage", before.ts).text == "Approved")
    with pytest.raises(PersonCannot, match="no approve"):
        await slack.click("ml-lead", "triage", before.ts, "approve")
    late = await slack.click("ml-lead", "triage", before.ts, "approve", seen=before)
    assert late.acked
    assert bot.kinds().count("approve") == 2


async def test_closing_a_form_tells_the_bot(slack: LocalSlack, bot: TinyBot) -> None:
    message = await the_card(slack)
    await slack.click("on-duty", "triage", message.ts, "edit")
    outcome = await slack.close_view("on-duty", "edit_form")
    assert outcome is not None
    assert outcome.acked
    assert bot.last("closed")["is_cleared"] is False
    assert slack.open_views("on-duty") == []
