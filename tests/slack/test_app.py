"""Slack's HTTP door: only what Slack signed just now gets in, and nothing that comes in ends in a traceback."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.signing import signature
from bot.slack import app as slack_app
from bot.slack.blocks.answers import said
from bot.slack.blocks.message import Message
from bot.slack.desk import open_client, who_am_i
from bot.slack.front import Openable
from bot.slack.payloads import Click, Command, EditForm, Person
from tests.intake.asgi import HungUp, Reply, ask
from tests.slack.builders import KEY, proposal, view

SECRET = "signing-secret-of-the-tests"
FORM = b"application/x-www-form-urlencoded"
CHANNEL, USER, TEAM = "C01TRIAGE", "U01ONDUTY", "T0LOCAL"


@dataclass
class FakeFront:
    """Keeps what listeners handed on."""

    kept: list[tuple[str, object]] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    homes: list[Person] = field(default_factory=list)
    problem: str | None = None
    answer: Openable | Message = field(default_factory=lambda: Openable(view=view(), owners=()))
    broken: Exception | None = None

    async def keep_verdict(self, delivery_id: str, body: object) -> None:
        if self.broken:
            raise self.broken
        self.kept.append((delivery_id, body))

    async def keep_command(self, command: Command, body: object) -> None:
        if self.broken:
            raise self.broken
        self.commands.append(command)

    async def draw_home(self, person: Person) -> None:
        self.homes.append(person)

    async def openable(self, click: Click, *, deciding: bool) -> Openable | Message:
        return self.answer

    async def form_problem(self, value: str, by: Person, form: EditForm) -> str | None:
        return self.problem


@pytest.fixture
def front() -> FakeFront:
    return FakeFront()


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


@pytest.fixture
async def door(front: FakeFront, slack: LocalSlack) -> Starlette:
    client = open_client(slack.workspace.bot_token.get_secret_value(), slack.base_url)
    bolt = slack_app.build(front, client, await who_am_i(client), SECRET)
    return Starlette(routes=[slack_app.route(bolt, SECRET)])


async def post(
    door: Starlette,
    body: bytes,
    *,
    stamp: str | None = None,
    signed: bytes | None = None,
    content_type: bytes = FORM,
) -> Reply:
    """As Slack posts. `stamp` and `signed` replace the timestamp and the signature of it."""
    at = stamp if stamp is not None else str(int(time.time()))
    headers = [
        (b"content-type", content_type),
        (b"x-slack-request-timestamp", at.encode("latin-1")),
        (b"x-slack-signature", signature(SECRET, at, body).encode() if signed is None else signed),
    ]
    return await ask(door, slack_app.PATH, [body], headers)


def form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def click(action: str = "approve", **changed: object) -> dict[str, object]:
    return {
        "type": "block_actions",
        "user": {"id": USER, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "channel_id": CHANNEL, "message_ts": "1.2"},
        "channel": {"id": CHANNEL},
        "trigger_id": "1.2.abc",
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "buttons",
                "value": KEY.value_for(proposal().id),
                "action_ts": "3.4",
            }
        ],
    } | changed


def typed(text: str) -> bytes:
    return urlencode(
        {
            "command": "/triage",
            "text": text,
            "user_id": USER,
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "trigger_id": "1.2.abc",
        }
    ).encode()


# --- who gets in --------------------------------------------------------------------------------------------------


async def test_the_first_press_is_answered_without_asking_slack_anything(door: Starlette, slack: LocalSlack) -> None:
    before = len(slack.journal.of("auth.test"))
    await post(door, form(click()))
    assert len(slack.journal.of("auth.test")) == before == 1


async def test_a_signed_click_is_kept_and_acknowledged(door: Starlette, front: FakeFront) -> None:
    reply = await post(door, form(click()))
    assert (reply.status, reply.body) == (200, b"")
    ((name, body),) = front.kept
    assert name == f"click:approve:{KEY.value_for(proposal().id)}:{USER}:3.4"
    assert body == click()


NOW = int(time.time())
STAMPS = {
    "six minutes old": str(NOW - 360),
    "from the future": str(NOW + 3600),
    "missing": "",
    "a word": "yesterday",
    "not ASCII": "\xb9\xb2",
    "a fraction": f"{NOW}.5",
    "negative": f"-{NOW}",
    "400 digits": "9" * 400,
    "5000 digits": "1" * 5000,
    "infinite": "inf",
    "not a number": "nan",
}


@pytest.mark.parametrize("stamp", STAMPS)
async def test_a_request_of_another_time_is_refused(door: Starlette, front: FakeFront, stamp: str) -> None:
    body = form(click())
    at = STAMPS[stamp]
    signed = signature(SECRET, at, body).encode()
    reply = await post(door, body, stamp=at, signed=signed)
    assert reply.status == 401
    assert front.kept == []


SIGNATURES = {
    "another secret": signature("guess", str(NOW), form(click())).encode(),
    "another body": signature(SECRET, str(NOW), b"other").encode(),
    "another time": signature(SECRET, str(NOW - 1), form(click())).encode(),
    "missing": b"",
    "no version": signature(SECRET, str(NOW), form(click())).encode()[3:],
    "not ASCII": b"v0=\xff\xfe",
    "enormous": b"v0=" + b"a" * 60_000,
}


@pytest.mark.parametrize("signed", SIGNATURES)
async def test_a_bad_signature_is_refused(door: Starlette, front: FakeFront, signed: str) -> None:
    reply = await post(door, form(click()), stamp=str(NOW), signed=SIGNATURES[signed])
    assert reply.status == 401
    assert front.kept == []


async def test_without_headers_nobody_gets_in(door: Starlette) -> None:
    assert (await ask(door, slack_app.PATH, [form(click())])).status == 401


@pytest.mark.parametrize("body", [b"\xff\xfe\xfd", b"payload=\xc3\x28", b"\xed\xa0\x80"])
async def test_bytes_that_are_no_text_are_refused(door: Starlette, front: FakeFront, body: bytes) -> None:
    assert (await post(door, body)).status == 401
    assert front.kept == []


async def test_a_huge_body_is_refused_before_it_is_verified(door: Starlette) -> None:
    reply = await ask(door, slack_app.PATH, [b"x" * 500_000] * 20)
    assert (reply.status, reply.pieces_read) == (413, 3)
    reply = await ask(door, slack_app.PATH, [b"x"], [(b"content-length", b"99999999")])
    assert (reply.status, reply.pieces_read) == (413, 0)


async def test_a_sender_that_hangs_up_is_no_error_of_ours(door: Starlette) -> None:
    assert (await ask(door, slack_app.PATH, [b"x", HungUp])).status == 400


# --- signed, and odd all the same ---------------------------------------------------------------------------------

ODD = {
    "empty": (b"", FORM),
    "no payload": (b"a=b", FORM),
    "not JSON": (b"payload=%7B", FORM),
    "a list": (form([1, 2]), FORM),
    "a number": (form(5), FORM),
    "null": (form(None), FORM),
    "an empty object": (form({}), FORM),
    "an unknown type": (form({"type": "workflow_step_edit", "callback_id": "x"}), FORM),
    "a click without actions": (form(click(actions=[])), FORM),
    "a click without a person": (form(click(user=None)), FORM),
    "a click whose person is a list": (form(click(user=["x"])), FORM),
    "a click on an unknown button": (form(click("self_destruct")), FORM),
    "a click without a trigger": (form(click("edit", trigger_id=None)), FORM),
    "a form without a view": (form({"type": "view_submission", "user": {"id": USER}}), FORM),
    "an unknown form": (form({"type": "view_submission", "view": {"callback_id": "x"}}), FORM),
    "a deep one": (b"payload=" + b"%5B" * 100_000, FORM),
    "JSON where a form is due": (json.dumps(click()).encode(), b"application/json"),
    "JSON that is none": (b"{", b"application/json"),
    "another content type": (form(click()), b"text/plain"),
    "a content type that is not ASCII": (form(click()), b"\xff\xfe"),
    "an unknown command": (urlencode({"command": "/rm", "user_id": USER}).encode(), FORM),
    "a command without a channel": (urlencode({"command": "/triage", "text": "x", "user_id": USER}).encode(), FORM),
    "an event": (json.dumps({"type": "event_callback", "event": {"type": "message"}}).encode(), b"application/json"),
    "a certificate check": (b"ssl_check=1&token=x", FORM),
}


READABLE = ("JSON where a form is due", "another content type", "a content type that is not ASCII")
"""Signed and complete: only the content type is not what Slack would send."""


@pytest.mark.parametrize("odd", ODD)
async def test_odd_requests_end_in_an_answer_and_not_in_a_traceback(
    door: Starlette, front: FakeFront, odd: str
) -> None:
    body, content_type = ODD[odd]
    reply = await post(door, body, content_type=content_type)
    assert reply.status < 500
    assert b"Traceback" not in reply.body
    assert front.commands == []
    assert [body for _, body in front.kept] == ([click()] if odd in READABLE else [])


async def test_slack_may_check_the_address(door: Starlette) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    reply = await post(door, body, content_type=b"application/json")
    assert (reply.status, b"abc" in reply.body) == (200, True)


async def test_a_click_that_cannot_be_kept_is_not_acknowledged(door: Starlette, front: FakeFront) -> None:
    front.broken = OSError("disk full: canary")
    reply = await post(door, form(click()))
    assert (reply.status, reply.body) == (500, b"")


# --- commands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "help", "HELP", " help "])
async def test_help_is_answered_at_once(door: Starlette, front: FakeFront, text: str) -> None:
    reply = await post(door, typed(text))
    assert b"/triage list" in reply.body
    assert front.commands == []


async def test_a_ticket_is_kept_first_and_then_confirmed(door: Starlette, front: FakeFront) -> None:
    reply = await post(door, typed("<https://github.com/acme/assistant/issues/3|acme/assistant#3>"))
    assert front.commands[0].text == "https://github.com/acme/assistant/issues/3"
    answer = json.loads(reply.body)
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].startswith("Reading ")


async def test_what_a_person_typed_is_escaped_in_the_answer(door: Starlette) -> None:
    answer = json.loads((await post(door, typed("<!channel> *x*"))).body)
    assert "<!channel>" not in json.dumps(answer)


async def test_a_list_is_kept_and_answered_later(door: Starlette, front: FakeFront) -> None:
    reply = await post(door, typed("list"))
    assert (reply.status, reply.body, len(front.commands)) == (200, b"", 1)


async def test_a_command_that_cannot_be_kept_is_not_confirmed(door: Starlette, front: FakeFront) -> None:
    front.broken = OSError("disk full: canary")
    reply = await post(door, typed("acme/assistant#3"))
    assert (reply.status, reply.body) == (500, b"")


# --- forms --------------------------------------------------------------------------------------------------------


def submitted(callback: str = "edit_form", comment: str = "Thanks.") -> dict[str, object]:
    def chosen(value: str) -> dict[str, object]:
        return {"type": "static_select", "selected_option": {"value": value}}

    return {
        "type": "view_submission",
        "user": {"id": USER, "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": callback,
            "private_metadata": KEY.value_for(proposal().id),
            "state": {
                "values": {
                    "layer": {"choose_layer": chosen("retrieval_and_context")},
                    "kind": {"choose_kind": chosen("bug")},
                    "owner": {"choose_owner": chosen("-")},
                    "comment": {"write_comment": {"type": "plain_text_input", "value": comment}},
                    "reason": {"choose_reason": chosen("not_now")},
                    "note": {"write_note": {"type": "plain_text_input", "value": None}},
                }
            },
        },
    }


@pytest.mark.parametrize("callback", ["edit_form", "reject_form"])
async def test_a_form_is_kept_once_for_the_same_answers(door: Starlette, front: FakeFront, callback: str) -> None:
    assert (await post(door, form(submitted(callback)))).status == 200
    await post(door, form(submitted(callback)))
    await post(door, form(submitted(callback, "Something else.")))
    first, second, third = [name for name, _ in front.kept]
    assert first == second != third


async def test_a_form_that_would_change_nothing_says_so_in_the_form(door: Starlette, front: FakeFront) -> None:
    front.problem = "This would change nothing."
    answer = json.loads((await post(door, form(submitted()))).body)
    assert answer == {"response_action": "errors", "errors": {"layer": "This would change nothing."}}
    assert front.kept == []


@pytest.mark.parametrize(
    ("action", "title"), [("edit", "edit_form"), ("reject", "reject_form"), ("why", None), ("approve", None)]
)
async def test_a_button_opens_its_form(
    door: Starlette, slack: LocalSlack, front: FakeFront, action: str, title: str | None
) -> None:
    """The form itself is judged by the local Slack: a trigger it does not know is refused, and the person is told."""
    reply = await post(door, form(click(action)))
    assert reply.status == 200
    if action == "approve":
        assert len(front.kept) == 1
        return
    told = await slack.until(lambda: slack.ephemerals(USER))
    assert "press again" in told[0].all_text
    (asked,) = slack.journal.of("views.open")
    assert not asked.ok
    assert front.kept == []
    assert title is None or title in json.dumps(asked.args, default=str)


async def test_who_may_not_gets_a_notice_instead_of_the_form(
    door: Starlette, slack: LocalSlack, front: FakeFront
) -> None:
    front.answer = said("You may not decide this.")
    await post(door, form(click("edit")))
    await slack.until(lambda: slack.journal.of("views.open"))
    (asked,) = slack.journal.of("views.open")
    shown = json.dumps(asked.args, default=str)
    assert "You may not decide this." in shown
    assert "edit_form" not in shown
