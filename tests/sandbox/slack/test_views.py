"""Modals: trigger ids live three seconds and once, views stack three deep, answers to a submission change them."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse

from bot.sandbox.slack import LocalSlack, PersonCannot
from bot.sandbox.slack.narrow import Json
from tests.sandbox.slack.conftest import Clock
from tests.sandbox.slack.receiver import Receiver
from tests.sandbox.slack.tiny_bot import form, plain


def notice(title: str, **more: object) -> Json:
    text = {"type": "section", "text": {"type": "mrkdwn", "text": title}}
    return {"type": "modal", "callback_id": title, "title": plain(title), "blocks": [text], **more}


async def trigger(slack: LocalSlack, receiver: Receiver, user: str = "on-duty") -> str:
    """A trigger id as a bot gets one: out of a delivered payload."""
    said = slack.say(user, "triage", "hello")
    await slack.shortcut(user, "triage", said.ts, "anything")
    return str(receiver.got[-1].json["trigger_id"])


async def test_a_trigger_works_once(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    fresh = await trigger(slack, receiver)
    await client.views_open(trigger_id=fresh, view=form({}))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=fresh, view=form({}))
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="1.2.3", view=form({}))


async def test_a_trigger_lives_three_seconds(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient, clock: Clock
) -> None:
    early, late = await trigger(slack, receiver), await trigger(slack, receiver)
    clock.ahead_s += 2.0
    await client.views_open(trigger_id=early, view=form({}))
    clock.ahead_s += 1.5
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=late, view=notice("late"))
    assert [view.callback_id for view in slack.open_views("on-duty")] == ["edit_form"]


async def test_a_bad_view_opens_nothing(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=await trigger(slack, receiver), view=notice("x" * 25))
    assert caught.value.response["error"] == "invalid_arguments"
    assert "/view/title/text" in caught.value.response["response_metadata"]["messages"][0]
    assert slack.open_views("on-duty") == []


async def test_views_stack_three_deep(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=await trigger(slack, receiver), view=notice("one"))
    for title in ("two", "three"):
        await client.views_push(trigger_id=await trigger(slack, receiver), view=notice(title))
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=await trigger(slack, receiver), view=notice("four"))
    one, two, three = slack.open_views("on-duty")
    assert (three.previous_id, three.root_id) == (two.id, one.id)
    await slack.close_view("on-duty", "two")
    assert [view.callback_id for view in slack.open_views("on-duty")] == ["one"]


async def test_update_by_id_external_id_and_hash(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    view = notice("one", external_id="mine")
    opened = (await client.views_open(trigger_id=await trigger(slack, receiver), view=view))["view"]
    updated = await client.views_update(external_id="mine", view=notice("two", external_id="mine"))
    assert updated["view"]["id"] == opened["id"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=opened["id"], hash=opened["hash"], view=notice("three"))
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V99", view=notice("three"))
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await client.views_push(trigger_id=await trigger(slack, receiver), view=view)


async def test_a_home_tab_is_published_and_pressed(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient
) -> None:
    press = {"type": "button", "action_id": "go", "text": plain("Go"), "value": "1"}
    home: Json = {"type": "home", "callback_id": "home", "blocks": [{"type": "actions", "elements": [press]}]}
    await client.views_publish(user_id="U01ONDUTY", view=home)
    await client.views_publish(user_id="U01ONDUTY", view=home)
    assert (await slack.click_in_view("on-duty", "home", "go")).acked
    body = receiver.got[-1].json
    assert body["container"] == {"type": "view", "view_id": slack.world.views.homes["U01ONDUTY"].id}
    assert "channel" not in body


async def opened_form(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=await trigger(slack, receiver), view=form({}))


async def test_submitted_values_have_slacks_shape(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient
) -> None:
    await opened_form(slack, receiver, client)
    await slack.submit("on-duty", "edit_form", {"note": {"words": "why"}})
    body = receiver.got[-1].json
    assert body["type"] == "view_submission"
    view = body["view"]
    assert isinstance(view, dict)
    retrieval = {"text": plain("retrieval"), "value": "retrieval"}
    assert view["state"]["values"] == {
        "layer": {"choice": {"type": "static_select", "selected_option": retrieval}},
        "note": {"words": {"type": "plain_text_input", "value": "why"}},
    }


@pytest.mark.parametrize(
    ("answer", "left_open"),
    [
        ({}, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": notice("changed")}, ["changed"]),
        ({"response_action": "push", "view": notice("above")}, ["edit_form", "above"]),
    ],
)
async def test_what_an_answer_does(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient, answer: Json, left_open: list[str]
) -> None:
    await opened_form(slack, receiver, client)
    receiver.answers.append(JSONResponse(answer))
    assert (await slack.submit("on-duty", "edit_form")).acked
    assert [view.callback_id for view in slack.open_views("on-duty")] == left_open


async def test_clear_closes_the_whole_stack_and_no_answer_only_the_top(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient
) -> None:
    await opened_form(slack, receiver, client)
    await client.views_push(trigger_id=await trigger(slack, receiver), view=notice("above"))
    await slack.submit("on-duty", "above")
    assert [view.callback_id for view in slack.open_views("on-duty")] == ["edit_form"]
    await client.views_push(trigger_id=await trigger(slack, receiver), view=notice("above"))
    receiver.answers.append(JSONResponse({"response_action": "clear"}))
    await slack.submit("on-duty", "above")
    assert slack.open_views("on-duty") == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"no_such_block": "x"}},
        {"response_action": "errors"},
        {"response_action": "explode"},
        {"response_action": "update", "view": notice("x" * 25)},
    ],
)
async def test_a_bad_answer_is_no_acknowledgement(
    slack: LocalSlack, receiver: Receiver, client: AsyncWebClient, answer: Json
) -> None:
    await opened_form(slack, receiver, client)
    receiver.answers.append(JSONResponse(answer))
    outcome = await slack.submit("on-duty", "edit_form")
    assert not outcome.acked
    assert outcome.error.startswith("bad answer")
    assert [view.callback_id for view in slack.open_views("on-duty")] == ["edit_form"]


async def test_what_a_client_does_not_send(slack: LocalSlack, receiver: Receiver, client: AsyncWebClient) -> None:
    await opened_form(slack, receiver, client)
    before = len(receiver.got)
    with pytest.raises(PersonCannot, match="required fields are empty"):
        await slack.submit("on-duty", "edit_form", {"layer": {"choice": None}})
    with pytest.raises(PersonCannot, match="does not offer"):
        await slack.submit("on-duty", "edit_form", {"layer": {"choice": "astrology"}})
    with pytest.raises(PersonCannot, match="0 to 40 characters"):
        await slack.submit("on-duty", "edit_form", {"note": {"words": "x" * 41}})
    with pytest.raises(PersonCannot, match="no element"):
        await slack.submit("on-duty", "edit_form", {"notes": {"words": "x"}})
    with pytest.raises(PersonCannot, match="no open view"):
        await slack.submit("ml-lead", "edit_form")
    assert len(receiver.got) == before
