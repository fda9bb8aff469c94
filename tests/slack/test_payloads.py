"""Payloads as Slack sends them; and whatever else might come."""

from __future__ import annotations

import copy
from random import Random

import pytest

from bot.slack.blocks.message import Json
from bot.slack.ids import NOBODY, Callback
from bot.slack.payloads import (
    Command,
    EditForm,
    Home,
    Person,
    RejectForm,
    is_stranger,
    parse_click,
    parse_command,
    parse_submission,
)
from bot.slack.shapes import PayloadError
from graphs.model import Kind, RejectReason, SlackUserId
from tests.slack.hostile import seeded

CLICK: Json = {
    "type": "block_actions",
    "user": {"id": "U01ONDUTY", "username": "on-duty", "name": "on-duty", "team_id": "T0HOME"},
    "api_app_id": "A0STRATA",
    "token": "verification",
    "container": {
        "type": "message",
        "message_ts": "1763900000.000100",
        "channel_id": "C0TRIAGE",
        "is_ephemeral": False,
    },
    "trigger_id": "12.34.abcd",
    "team": {"id": "T0HOME", "domain": "home"},
    "enterprise": None,
    "is_enterprise_install": False,
    "channel": {"id": "C0TRIAGE", "name": "triage"},
    "message": {"type": "message", "ts": "1763900000.000100", "metadata": {"event_type": "strata_card"}},
    "state": {"values": {}},
    "response_url": "https://hooks.slack.com/actions/T0HOME/1/x",
    "actions": [
        {
            "action_id": "approve",
            "block_id": "buttons",
            "text": {"type": "plain_text", "text": "Approve", "emoji": False},
            "value": "pr_1.tag",
            "style": "primary",
            "type": "button",
            "action_ts": "1763900001.5",
        }
    ],
}


def _option(value: str) -> Json:
    return {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": value}}


EDIT_VALUES: Json = {
    "layer": {"choose_layer": _option("model_and_evaluation")},
    "kind": {"choose_kind": _option("feature")},
    "owner": {"choose_owner": _option("ml-lead")},
    "comment": {"write_comment": {"type": "plain_text_input", "value": " Thanks \n"}},
}
REJECT_VALUES: Json = {
    "reason": {"choose_reason": _option("not_now")},
    "note": {"write_note": {"type": "plain_text_input", "value": None}},
}


def submission(callback: str = "edit_form", values: Json | None = None, **more: object) -> Json:
    view: Json = {
        "id": "V1",
        "team_id": "T0HOME",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": "pr_1.tag",
        "hash": "1.x",
        "state": {"values": EDIT_VALUES if values is None else values},
        "app_installed_team_id": "T0HOME",
    }
    user: Json = {"id": "U01ONDUTY", "name": "on-duty", "team_id": "T0HOME"}
    return {"type": "view_submission", "user": user, "team": {"id": "T0HOME"}, "view": view, **more}


COMMAND: Json = {
    "token": "verification",
    "team_id": "T0HOME",
    "team_domain": "home",
    "channel_id": "C0TRIAGE",
    "channel_name": "triage",
    "user_id": "U01ONDUTY",
    "user_name": "on-duty",
    "command": "/triage",
    "text": "  list ",
    "api_app_id": "A0STRATA",
    "is_enterprise_install": "false",
    "response_url": "https://hooks.slack.com/commands/1",
    "trigger_id": "12.34",
}


def test_a_press() -> None:
    click = parse_click(CLICK)
    assert click.by == Person(user=SlackUserId("U01ONDUTY"), team="T0HOME")
    assert (click.workspace, click.enterprise) == ("T0HOME", None)
    assert (click.channel, click.message_ts) == ("C0TRIAGE", "1763900000.000100")
    assert (click.action_id, click.value, click.action_ts) == ("approve", "pr_1.tag", "1763900001.5")
    assert (click.trigger_id, click.response_url) == ("12.34.abcd", "https://hooks.slack.com/actions/T0HOME/1/x")


def test_a_press_on_an_ephemeral_message_names_no_message() -> None:
    without = {key: value for key, value in CLICK.items() if key not in {"message", "channel"}}
    assert parse_click(without).channel == "C0TRIAGE"


def test_an_app_of_a_whole_organisation_gets_no_team() -> None:
    grid = {**CLICK, "team": None, "enterprise": {"id": "E0ORG", "name": "Org"}, "is_enterprise_install": True}
    click = parse_click(grid)
    assert (click.workspace, click.enterprise) == (None, "E0ORG")
    assert click.by.team == "T0HOME"


def test_edit_and_reject_forms() -> None:
    edit = parse_submission(submission())
    assert edit.form == EditForm(layer="model_and_evaluation", kind=Kind.FEATURE, owner="ml-lead", comment="Thanks")
    assert (edit.callback_id, edit.value) == (Callback.EDIT, "pr_1.tag")
    reject = parse_submission(submission("reject_form", REJECT_VALUES))
    assert reject.form == RejectForm(reason=RejectReason.NOT_NOW, note="")


def test_nobody_is_no_owner() -> None:
    form = parse_submission(submission(values={**EDIT_VALUES, "owner": {"choose_owner": _option(NOBODY)}})).form
    assert isinstance(form, EditForm)
    assert form.owner is None


def test_a_form_from_a_shared_channel_keeps_both_workspaces() -> None:
    body = submission(team={"id": "T0OTHER"}, user={"id": "U9", "team_id": "T0OTHER"})
    parsed = parse_submission(body)
    assert parsed.workspace == "T0HOME"
    assert parsed.by.team == "T0OTHER"
    assert is_stranger(parsed.by, Home(team="T0HOME"))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {**EDIT_VALUES, "kind": {"choose_kind": _option("epic")}},
        {**EDIT_VALUES, "kind": {"choose_kind": {"type": "static_select", "selected_option": None}}},
        {**EDIT_VALUES, "comment": {"write_comment": {"value": "x" * 3001}}},
        {**EDIT_VALUES, "layer": {"other": _option("x")}},
    ],
)
def test_a_form_with_an_odd_answer_is_refused(values: Json) -> None:
    with pytest.raises(PayloadError):
        parse_submission(submission(values=values))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("  list ", "list"),
        ("", ""),
        (None, ""),
        ("<https://github.com/a/b/issues/1>", "https://github.com/a/b/issues/1"),
        ("<https://github.com/a/b/issues/1|a/b#1>", "https://github.com/a/b/issues/1"),
        ("<https://t.example/?a=1&amp;b=2>", "https://t.example/?a=1&b=2"),
        ("a/b#1", "a/b#1"),
    ],
)
def test_a_command(text: str | None, bare: str) -> None:
    command = parse_command({**COMMAND, "text": text})
    assert isinstance(command, Command)
    assert (command.command, command.text) == ("/triage", bare)
    assert command.by == Person(user=SlackUserId("U01ONDUTY"), team="T0HOME")


@pytest.mark.parametrize(
    ("team", "home", "strange"),
    [
        ("T0HOME", Home(team="T0HOME"), False),
        ("T0OTHER", Home(team="T0HOME"), True),
        (None, Home(team="T0HOME"), True),
        ("E0ORG", Home(team="T0HOME", enterprise="E0ORG"), False),
        ("T0SISTER", Home(team="T0HOME", enterprise="E0ORG"), True),
        ("E0ORG", Home(team="T0HOME"), True),
    ],
)
def test_strangers(team: str | None, home: Home, *, strange: bool) -> None:
    assert is_stranger(Person(user=SlackUserId("U1"), team=team), home) is strange


def test_errors_name_fields_and_never_their_content() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_click({**CLICK, "user": {"id": "secret value"}, "actions": []})
    assert "user.id" in str(caught.value)
    assert "actions" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_whatever_comes_only_a_payload_error_leaves() -> None:
    random = seeded(3)
    for _ in range(3000):
        for parse, body in ((parse_click, CLICK), (parse_submission, submission()), (parse_command, COMMAND)):
            try:
                parse(_broken(random, copy.deepcopy(body)))
            except PayloadError:
                continue
    strange: tuple[object, ...] = (None, [], "x", 1, {}, {"type": "block_actions"})
    for odd in strange:
        for parse in (parse_click, parse_submission, parse_command):
            with pytest.raises(PayloadError):
                parse(odd)


def _broken(random: Random, node: object) -> object:
    """One random place of a payload removed or replaced."""
    if isinstance(node, dict) and node and random.random() < 0.8:
        key = random.choice(list(node))
        if random.random() < 0.3:
            del node[key]
        else:
            node[key] = _broken(random, node[key])
        return node
    if isinstance(node, list) and node and random.random() < 0.8:
        at = random.randrange(len(node))
        node[at] = _broken(random, node[at])
        return node
    return random.choice([None, 1, True, "", "x" * 5000, [], {}, [None], {"id": 5}, -1.5, "\x00"])
