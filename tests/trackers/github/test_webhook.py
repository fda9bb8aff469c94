"""What each event of GitHub means to us, and what we refuse to understand."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.github.webhook import GitHubDoor
from graphs.model import Login
from tests.trackers.github.deliveries import INSTALL, PROJECT, REF, as_form, as_json, headers, payload

PERSON = Login("on-duty")
FORM = "application/x-www-form-urlencoded"


def parse(event: str, said: object) -> Arrival:
    return parse_bytes(event, as_json(said))


def parse_bytes(event: str, body: bytes, content_type: str = "application/json") -> Arrival:
    return GitHubDoor().parse(headers(event, body, content_type), body, INSTALL)


@pytest.mark.parametrize(
    ("event", "said", "expected"),
    [
        ("issues", payload("opened"), Opened(ref=REF, action="opened")),
        ("issues", payload("reopened"), Opened(ref=REF, action="reopened")),
        ("issues", payload("edited", changes={"title": {"from": "x"}}), Edited(ref=REF)),
        ("issues", payload("edited", changes={"body": {"from": None}}), Edited(ref=REF)),
        ("issues", payload("edited", changes={"title": True}), Edited(ref=REF)),
        ("issues", payload("edited"), Edited(ref=REF)),
        ("issues", payload("closed"), Gone(ref=REF, why="closed")),
        ("issues", payload("deleted"), Gone(ref=REF, why="deleted")),
        ("issues", payload("transferred", changes={"new_issue": {"number": 3}}), Gone(ref=REF, why="transferred")),
        (
            "issues",
            payload("labeled", label={"name": "layer: retrieval"}),
            FieldSet(ref=REF, field=TicketField.LABEL, value="layer: retrieval", actor=PERSON),
        ),
        (
            "issues",
            payload("assigned", assignee={"login": "data-lead"}),
            FieldSet(ref=REF, field=TicketField.ASSIGNEE, value="data-lead", actor=PERSON),
        ),
        (
            "issue_comment",
            payload("created", comment={"body": "same here\0\n"}),
            FieldSet(ref=REF, field=TicketField.COMMENT, value="same here\ufffd\n", actor=PERSON),
        ),
    ],
)
def test_events_that_matter(event: str, said: dict[str, JsonValue], expected: Event) -> None:
    arrival = parse(event, said)
    assert arrival.event == expected
    assert arrival.name == f"{event}.{said['action']}"
    assert arrival.project == PROJECT
    assert arrival.delivery_id == "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("issues", payload("edited", changes={})),
        ("issues", payload("unlabeled", label={"name": "x"})),
        ("issues", payload("unassigned", assignee={"login": "data-lead"})),
        ("issues", payload("pinned")),
        ("issues", payload("an_action_of_next_year")),
        ("issue_comment", payload("edited", changes={"body": {"from": "x"}})),
        ("issue_comment", payload("deleted")),
        ("label", {"action": "created", "label": {"name": "x"}, "repository": {"full_name": PROJECT}}),
        ("installation", {"action": "created", "repositories": [{"full_name": PROJECT}]}),
        ("installation_repositories", {"action": "added"}),
        ("ping", {"zen": "Keep it logically awesome.", "hook_id": 1}),
        ("repository_dispatch", {"action": "any text a person chose\n", "repository": {"full_name": PROJECT}}),
        ("something_new", {}),
    ],
)
def test_everything_else_is_recorded_with_a_reason(event: str, said: dict[str, JsonValue]) -> None:
    arrival = parse(event, said)
    assert isinstance(arrival.event, Irrelevant)
    assert arrival.event.why
    assert arrival.name.startswith(event)
    assert "\n" not in arrival.name


@pytest.mark.parametrize("action", ["opened", "edited", "closed", "labeled", "transferred"])
def test_pull_requests_are_not_tickets(action: str) -> None:
    said = payload(action, issue={"number": 12, "pull_request": {"url": "x"}})
    assert parse("issues", said).event == Irrelevant(why="a pull request")
    commented = payload("created", issue={"number": 12, "pull_request": {"url": "x"}}, comment={"body": "x"})
    assert parse("issue_comment", commented).event == Irrelevant(why="a pull request")


def test_opened_by_a_bot_counts_like_any_other() -> None:
    said = payload("opened", sender={"login": "our-app[bot]", "type": "Bot"})
    assert parse("issues", said).event == Opened(ref=REF, action="opened")


def test_a_deleted_account_is_called_ghost() -> None:
    said = payload("labeled", label={"name": "x"}, sender=None)
    happened = parse("issues", said).event
    assert isinstance(happened, FieldSet)
    assert happened.actor == "ghost"


@pytest.mark.parametrize(
    "name",
    [
        "../../admin",
        "acme/..",
        "./acme",
        "acme/.",
        "acme",
        "acme/assistant/issues/1",
        "acme/assi\nstant",
        "acme/assistant\n",
        'acme/"assistant"',
        "acme/assist'ant",
        "acme/assistant?x",
        "acme/assistant#1",
        "acme/%2e%2e",
        "acme\\assistant",
        "acme/assistant\0",
        "äcme/assistant",
        "/",
        "",
        "a" * 101 + "/b",
    ],
)
@pytest.mark.parametrize("event", ["issues", "ping"])
def test_a_repository_name_that_could_bend_an_address_is_malformed(name: str, event: str) -> None:
    with pytest.raises(Malformed):
        parse(event, payload("opened", repository={"full_name": name}))


@pytest.mark.parametrize(
    "more",
    [
        {"issue": None},
        {"repository": None},
        {"issue": {"number": "12"}},
        {"issue": {"number": 12.0}},
        {"issue": {"number": True}},
        {"issue": {"number": 0}},
        {"issue": {"number": -1}},
        {"issue": {"number": 10**30}},
        {"issue": []},
        {"label": {"name": "two\nlines"}},
        {"label": {"name": ""}},
        {"label": {}},
        {"label": None},
        {"sender": {"login": "some\r\nbody"}},
        {"sender": {"login": "../x"}},
    ],
)
def test_an_event_we_need_to_understand_but_cannot_is_malformed(more: dict[str, JsonValue]) -> None:
    with pytest.raises(Malformed):
        parse("issues", payload("labeled", label={"name": "x"}) | more)


def test_what_is_malformed_is_not_repeated() -> None:
    with pytest.raises(Malformed) as caught:
        parse("issues", payload("opened", repository={"full_name": "acme/<script>"}))
    assert "script" not in str(caught.value)
    assert "repository.full_name" in str(caught.value)


GOOD = as_json(payload("opened"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe{}",
        GOOD.decode().encode("utf-16"),
        GOOD + b"x",
        GOOD.replace(b"12", b"NaN"),
        GOOD.replace(b"12", b"1e400"),
        GOOD.replace(b"12", b"9" * 100_000),
        GOOD.replace(b'"acme/assistant"', b'"acme/\\ud800"'),
        b"[" * 200_000,
        b'{"issue":' * 50_000,
        b'{"action":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        GOOD.replace(b'"number": 12', b'"number": 12, "pull_request": ' + b"[" * 5_000 + b"]" * 5_000),
    ],
    ids=range(15),
)
def test_bombs_and_broken_bytes_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_bytes("issues", body)


def test_odd_but_harmless_json_is_read() -> None:
    """A repeated key keeps its last value, and an unread field may hold a number of any size."""
    body = b'{"action": "closed", "weight": 1e999, "huge": ' + b"9" * 4_000 + b", " + GOOD[1:]
    assert parse_bytes("issues", body).event == Opened(ref=REF, action="opened")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", ""])
def test_json_by_any_spelling(content_type: str) -> None:
    assert parse_bytes("issues", GOOD, content_type).event == Opened(ref=REF, action="opened")


def test_the_form_that_github_offers_as_well() -> None:
    body = as_form(as_json(payload("labeled", label={"name": "größe & mehr"})))
    happened = parse_bytes("issues", body, FORM).event
    assert isinstance(happened, FieldSet)
    assert happened.value == "größe & mehr"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload",
        b"payload=",
        b"other=1",
        as_form(GOOD) * 2,
        as_form(GOOD) + b"&" + as_form(GOOD),
        b"payload=%ff",
        b"payload=\xff",
        b"&".join([b"x=1"] * 50),
        b"payload=%00",
        GOOD,
    ],
    ids=range(11),
)
def test_a_form_without_one_readable_payload_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_bytes("issues", body, FORM)


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data", "application/jsonx", "é"])
def test_other_content_types_are_malformed(content_type: str) -> None:
    with pytest.raises(Malformed):
        parse_bytes("issues", GOOD, content_type)


@pytest.mark.parametrize("event", ["", "ISSUES", "issues\n", "iss ues", "é", "x" * 65, "../x"])
def test_an_odd_event_header_is_malformed(event: str) -> None:
    with pytest.raises(Malformed):
        parse_bytes(event, GOOD)
