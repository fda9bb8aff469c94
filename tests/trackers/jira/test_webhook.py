"""What Jira's deliveries say, and that nothing but `Malformed` comes out of odd ones. Payloads are constructed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.jira.names import is_project
from bot.trackers.jira.webhook import JiraDoor
from bot.trackers.text import has_control
from graphs.model import Login
from tests.trackers.jira.deliveries import INSTALL, REF, Payload, comment, event, headers, item, signature

ON_DUTY = Login("on-duty")
DOOR = JiraDoor()
UPDATED = "jira:issue_updated"


def parsed(payload: Payload) -> Arrival:
    return DOOR.parse(headers(), json.dumps(payload).encode(), INSTALL)


def field(which: TicketField, value: str) -> FieldSet:
    return FieldSet(ref=REF, field=which, value=value, actor=ON_DUTY)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (event("jira:issue_created"), Opened(ref=REF, action="opened")),
        (event("jira:issue_deleted"), Gone(ref=REF, why="deleted")),
        (event(UPDATED, item("Key", "OLD-7", "ASSIST-23")), Opened(ref=REF, action="moved")),
        (event(UPDATED, item("summary", "a", "b"), item("status", "To Do", "Done"), status="done"),
         Gone(ref=REF, why="closed")),
        (event(UPDATED, item("status", "Done", "To Do"), item("resolution", "Done", None)),
         Opened(ref=REF, action="reopened")),
        (event(UPDATED, item("summary", "a", "b"), item("labels", "", "x")), Edited(ref=REF)),
        (event(UPDATED, item("description", None, "b")), Edited(ref=REF)),
        (event(UPDATED, item("labels", "a", "a kind:_bug b")), field(TicketField.LABEL, "kind: bug")),
        (event(UPDATED, item("assignee", None, "Data lead"), assignee={"accountId": "data-lead"}),
         field(TicketField.ASSIGNEE, "data-lead")),
        (comment("Sorted"), field(TicketField.COMMENT, "Sorted")),
        ({**comment("Sorted"), "webhookEvent": UPDATED}, field(TicketField.COMMENT, "Sorted")),
    ],
)  # fmt: skip
def test_what_happened(payload: Payload, expected: Event) -> None:
    arrival = parsed(payload)
    assert arrival.event == expected
    assert arrival.project == "ASSIST"


@pytest.mark.parametrize(
    "payload",
    [
        event(UPDATED, item("labels", "a b", "a")),
        event(UPDATED, item("assignee", "Data lead", None)),
        event(UPDATED, item("status", "To Do", "In Progress"), status="indeterminate"),
        event(UPDATED, item("priority", "Low", "High")),
        event(UPDATED),
        event("jira:issue_created", issuetype={"subtask": True}),
        event("jira:issue_created", issuetype={"subtask": False, "hierarchyLevel": 1}),
        {"webhookEvent": "sprint_started", "sprint": {"id": 1}},
    ],
)
def test_what_is_of_no_interest(payload: Payload) -> None:
    assert isinstance(parsed(payload).event, Irrelevant)


@pytest.mark.parametrize("key", ["", "ASSIST", "ASSIST-0", "assist-23", "../x-1", "ASSIST-1\n", 23, None])
def test_a_key_that_could_change_an_address_is_malformed(key: JsonValue) -> None:
    with pytest.raises(Malformed):
        parsed({**event("jira:issue_created"), "issue": {"key": key}})


def test_the_id_of_a_delivery_is_its_name_or_else_what_was_signed() -> None:
    assert DOOR.delivery_id(headers("b1946ac9")) == "b1946ac9"
    signed = signature(b"{}")
    assert DOOR.delivery_id({"x-hub-signature": signed}) == signed.replace("=", ":")
    assert DOOR.delivery_id({"x-hub-signature": signature(b"{} ")}) != signed.replace("=", ":")
    for bad in ({}, headers("a b"), headers("x" * 200), {"x-hub-signature": "sha256=x"}):
        with pytest.raises(Malformed):
            DOOR.delivery_id(bad)


JSONISH: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["webhookEvent", "user", "issue", "changelog", "comment"]
INNER = ["key", "fields", "items", "body", "author", "accountId"]
DOCUMENT: JsonValue = {"type": "doc", "version": 1, "content": [{"type": "table", "content": [{"type": "tableRow"}]}]}
BASES = [event("jira:issue_created"), event(UPDATED, item("labels", "", "b")), comment("Sorted"), comment(DOCUMENT)]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    said: dict[str, object] = {**draw(st.sampled_from(BASES))}
    for place in draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        inner = said.get(place)
        if isinstance(inner, dict) and draw(st.booleans()):
            said[place] = {**inner, draw(st.sampled_from(INNER)): draw(JSONISH)}
        else:
            said[place] = draw(JSONISH)
    return json.dumps(said).encode()


anything = given(body=spoiled() | st.binary(max_size=100), name=st.just("b1946ac9") | st.text(max_size=8))


def check(body: bytes, name: str) -> None:
    try:
        arrival = DOOR.parse(headers(name), body, INSTALL)
    except Malformed as error:
        refused = str(error)
    else:
        check_arrival(arrival)
        return
    assert not has_control(refused)


def check_arrival(arrival: Arrival) -> None:
    assert not has_control(arrival.name)
    assert arrival.project is None or is_project(arrival.project)
    arrival.model_dump_json().encode()
    if not isinstance(arrival.event, Irrelevant):
        assert arrival.event.ref.project == arrival.project
        assert arrival.event.ref.number.isdigit()


@settings(max_examples=1_000, deadline=None)
@anything
def test_nothing_but_malformed_comes_out(body: bytes, name: str) -> None:
    check(body, name)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@anything
def test_nothing_but_malformed_comes_out_long(body: bytes, name: str) -> None:
    check(body, name)


def test_a_document_of_any_depth_ends() -> None:
    deep: JsonValue = {"type": "text", "text": "x"}
    for _ in range(60):
        deep = {"type": "blockquote", "content": [deep]}
    told = parsed(comment({"type": "doc", "version": 1, "content": [deep]})).event
    assert isinstance(told, FieldSet)
    assert "x" not in told.value
    bomb = b'{"webhookEvent":"comment_created","comment":{"body":' + b'{"content":[' * 5_000
    with pytest.raises(Malformed):
        DOOR.parse(headers(), bomb, INSTALL)
