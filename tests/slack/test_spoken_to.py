"""Speaking to the bot instead of typing its command: heard once, and only from people who mean it."""

from __future__ import annotations

import json

from starlette.applications import Starlette

from tests.slack.test_app import CHANNEL, TEAM, USER, FakeFront, door, front, post, slack

__all__ = ["door", "front", "slack"]


def spoken(text: str, kind: str = "app_mention", **changed: object) -> bytes:
    said = {"type": kind, "user": USER, "text": text, "channel": CHANNEL, "ts": "1.2", "team": TEAM} | changed
    return json.dumps({"type": "event_callback", "event_id": "Ev1", "team_id": TEAM, "event": said}).encode()


async def test_a_mention_and_a_direct_message_are_commands_too(door: Starlette, front: FakeFront) -> None:
    heard = [
        spoken("<@U0BOT> list mine"),
        spoken(" <@U0BOT|strata>, <https://github.com/acme/assistant/issues/3>"),
        spoken("next", "message", channel="D01", channel_type="im"),
    ]
    for body in heard:
        assert (await post(door, body, content_type=b"application/json")).status == 200
    asked = [(one.text, one.trigger_id, one.channel) for one in front.commands]
    link = "https://github.com/acme/assistant/issues/3"
    assert asked == [("list mine", "Ev1", CHANNEL), (link, "Ev1", CHANNEL), ("next", "Ev1", "D01")]


async def test_what_cannot_be_kept_is_sent_again(door: Starlette, front: FakeFront) -> None:
    front.broken = OSError("disk full: canary")
    reply = await post(door, spoken("<@U0BOT> list"), content_type=b"application/json")
    assert (reply.status, reply.body) == (500, b"")


async def test_nobody_answers_bots_edits_and_what_is_said_to_others(door: Starlette, front: FakeFront) -> None:
    direct: dict[str, str] = {"kind": "message", "channel_type": "im"}
    for body in (
        spoken("next", **direct, bot_id="B01"),
        spoken("next", **direct, subtype="message_changed"),
        spoken("next", **direct, user=None),
        spoken("next", "message", channel_type="channel"),
    ):
        assert (await post(door, body, content_type=b"application/json")).status == 200
    assert front.commands == []


async def test_opening_the_home_tab_has_it_drawn_and_the_other_tabs_do_not(door: Starlette, front: FakeFront) -> None:
    for tab in ("home", "messages"):
        opened = {"type": "app_home_opened", "user": USER, "tab": tab, "channel": "D01"}
        body = json.dumps({"type": "event_callback", "event_id": "Ev2", "team_id": TEAM, "event": opened}).encode()
        assert (await post(door, body, content_type=b"application/json")).status == 200
    assert [(one.user, one.team) for one in front.homes] == [(USER, TEAM)]
