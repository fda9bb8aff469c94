"""Reading what Slack answers to our own calls."""

from __future__ import annotations

import pytest

from bot.slack.blocks.card import card
from bot.slack.blocks.message import Json
from bot.slack.payloads import Home
from bot.slack.replies import next_cursor, parse_cards, parse_channel, parse_me, parse_posted, parse_profile
from bot.slack.shapes import PayloadError
from tests.slack.builders import view

HOME = Home(team="T0HOME", enterprise="E0ORG")


def user(**more: object) -> Json:
    return {"ok": True, "user": {"id": "U1", "team_id": "T0HOME", "name": "on-duty", "profile": {}, **more}}


def test_who_we_are() -> None:
    me = parse_me(
        {"ok": True, "team_id": "T0HOME", "user_id": "U0BOT", "bot_id": "B0", "url": "https://x", "team": "x"}
    )
    assert (me.home, me.user, me.bot) == (Home(team="T0HOME"), "U0BOT", "B0")


@pytest.mark.parametrize(
    ("flags", "true"),
    [
        ({}, []),
        ({"is_bot": True}, ["is_bot"]),
        ({"is_workflow_bot": True}, ["is_bot"]),
        ({"id": "USLACKBOT"}, ["is_bot"]),
        ({"is_restricted": True}, ["is_guest"]),
        ({"is_ultra_restricted": True}, ["is_guest"]),
        ({"is_stranger": True}, ["is_stranger"]),
        ({"deleted": True, "is_restricted": None}, ["is_deactivated"]),
    ],
)
def test_people(flags: Json, true: list[str]) -> None:
    profile = parse_profile(user(**flags)).model_dump()
    assert [name for name, value in profile.items() if value is True] == true


@pytest.mark.parametrize(
    ("more", "belongs"),
    [
        ({}, True),
        ({"team_id": "T0OTHER"}, False),
        ({"team_id": "T0SISTER", "enterprise_user": {"enterprise_id": "E0ORG"}}, True),
        ({"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0THEIRS"}}, False),
        ({"is_stranger": True}, False),
        ({"team_id": None}, False),
    ],
)
def test_who_belongs_to_us(more: Json, *, belongs: bool) -> None:
    assert parse_profile(user(**more)).belongs_to(HOME) is belongs


def test_no_organisation_makes_nobody_a_colleague() -> None:
    assert not parse_profile(user(team_id="T0OTHER")).belongs_to(Home(team="T0HOME"))


def test_posts_and_channels() -> None:
    posted = parse_posted({"ok": True, "channel": "C1", "ts": "1.2", "message": {}})
    assert (posted.channel, posted.ts) == ("C1", "1.2")
    channel = parse_channel({"ok": True, "channel": {"id": "C1", "is_ext_shared": True, "is_member": True}})
    assert (channel.is_shared_outside, channel.is_member, channel.is_private) == (True, True, False)


def test_cards_are_found_again_by_their_metadata() -> None:
    ours: Json = {"ts": "1.2", "bot_id": "B0", "metadata": card(view()).metadata}
    others: list[object] = [
        {"ts": "1.1", "text": "hello"},
        {"ts": "1.3", "metadata": {"event_type": "other", "event_payload": {"triage": "t", "proposal": "p"}}},
        {"ts": "1.4", "metadata": {"event_type": "strata_card", "event_payload": {"triage": 5}}},
        "odd",
    ]
    page = {"ok": True, "messages": [*others, ours], "response_metadata": {"next_cursor": "abc"}}
    found = parse_cards(page)
    assert [(one.ts, one.triage, one.proposal, one.bot) for one in found] == [("1.2", "tr_51c2", "pr_7f3a", "B0")]
    assert next_cursor(page) == "abc"
    assert next_cursor({"messages": [], "response_metadata": None}) is None


@pytest.mark.parametrize("parse", [parse_me, parse_profile, parse_posted, parse_channel, parse_cards, next_cursor])
@pytest.mark.parametrize("odd", [None, [], {}, "x", {"user": 1, "channel": 1, "messages": 1}])
def test_odd_replies_are_one_kind_of_error(parse: object, odd: object) -> None:
    assert callable(parse)
    with pytest.raises(PayloadError):
        parse(odd)
