"""What Linear's deliveries say, and that nothing but `Malformed` comes out of odd ones. Payloads are constructed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.linear.names import is_team
from bot.trackers.linear.webhook import LinearDoor
from bot.trackers.text import has_control
from graphs.model import Login
from tests.trackers.linear.deliveries import (
    BUG,
    DOCS,
    INSTALL,
    PERSON,
    REF,
    SENT_AT,
    Payload,
    account,
    comment,
    headers,
    issue,
)

ON_DUTY = Login("on-duty")
DOOR = LinearDoor()
DONE: Payload = {"id": BUG, "name": "Done", "type": "completed"}
LATER = "2026-01-01T00:00:00.000Z"
LABELS: list[JsonValue] = [{"id": BUG, "name": "kind: bug"}, {"id": DOCS, "name": "docs"}]


def parsed(payload: Payload, event: str = "Issue") -> Arrival:
    return DOOR.parse(headers(event=event), json.dumps(payload).encode(), INSTALL)


def label(value: str) -> Event:
    return FieldSet(ref=REF, field=TicketField.LABEL, value=value, actor=ON_DUTY)


def assigned(login: str) -> Event:
    return FieldSet(ref=REF, field=TicketField.ASSIGNEE, value=login, actor=ON_DUTY)


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        (issue("create"), Opened(ref=REF, action="opened")),
        (issue("remove"), Gone(ref=REF, why="deleted")),
        (issue("update", {"stateId": BUG, "completedAt": None}, state=DONE), Gone(ref=REF, why="closed")),
        (issue("update", {"stateId": BUG}, state={"type": "duplicate"}), Gone(ref=REF, why="closed")),
        (issue("update", {"archivedAt": None}, archivedAt=LATER), Gone(ref=REF, why="closed")),
        (issue("update", {"trashed": None}, trashed=True), Gone(ref=REF, why="deleted")),
        (issue("update", {"stateId": BUG, "completedAt": LATER}), Opened(ref=REF, action="reopened")),
        (issue("update", {"teamId": BUG}), Opened(ref=REF, action="moved here")),
        (issue("update", {"title": "Answers are slow"}), Edited(ref=REF)),
        (issue("update", {"description": "more"}), Edited(ref=REF)),
        (issue("update", {"labelIds": [BUG]}, labels=LABELS), label("docs")),
        (issue("update", {"labels": [{"id": DOCS, "name": "docs"}]}, labels=LABELS), label("kind: bug")),
        (
            issue("update", {"assigneeId": None}, assigneeId=PERSON, assignee=account("data-lead")),
            assigned("data-lead"),
        ),
        (issue("update", {"title": "x", "labelIds": []}, labels=LABELS), Edited(ref=REF)),
        (comment("Sorted"), FieldSet(ref=REF, field=TicketField.COMMENT, value="Sorted", actor=ON_DUTY)),
    ],
)
def test_what_happened(payload: Payload, event: Event) -> None:
    arrival = parsed(payload)
    assert arrival.event == event
    assert (arrival.project, arrival.sent_at) == ("ENG", SENT_AT)


@pytest.mark.parametrize(
    "payload",
    [
        issue("update", {"labelIds": [BUG, DOCS]}, labels=LABELS[:1]),
        issue("update", {"priority": 1}),
        issue("update", {"stateId": DOCS, "completedAt": LATER}, state=DONE, completedAt=LATER),
        issue("update", {"title": "Answers are cut off", "description": None, "completedAt": None}),
        issue("update", {"assigneeId": PERSON}, assigneeId=None),
        issue("restore"),
        comment("x", action="update"),
        comment("x", on=None),
        {"type": "Project", "action": "create", "webhookTimestamp": SENT_AT, "data": {"identifier": "../.."}},
    ],
)
def test_what_is_of_no_interest(payload: Payload) -> None:
    assert isinstance(parsed(payload).event, Irrelevant)


@pytest.mark.parametrize(
    ("actor", "login"),
    [
        (account("data lead".replace(" ", "%2D")), "data-lead"),
        ({"id": PERSON, "name": "Strata", "type": "oauthClient"}, "Strata"),
        ({"id": PERSON, "name": "On Duty", "displayName": "on-duty"}, "on-duty"),
        ({"id": PERSON, "type": "integration", "service": "slack"}, "unknown"),
        (None, "unknown"),
    ],
)
def test_who_did_it(actor: JsonValue, login: str) -> None:
    event = parsed({**comment("x"), "actor": actor}).event
    assert isinstance(event, FieldSet)
    assert event.actor == login


@pytest.mark.parametrize("name", ["", "ENG", "ENG-0", "ENG-x", "../1", "ENG-1\n", "E" * 30 + "-1", None, 23])
def test_an_identifier_that_is_none_is_malformed(name: JsonValue) -> None:
    with pytest.raises(Malformed):
        parsed(issue("create", identifier=name))


@pytest.mark.parametrize("at", [None, "1767225600000", -1, 1.5, True, 10**400])
def test_a_time_that_is_none_is_malformed(at: JsonValue) -> None:
    with pytest.raises(Malformed):
        parsed({**issue("create"), "webhookTimestamp": at})


JSONISH: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=3,
)
PLACES = ["type", "action", "webhookTimestamp", "actor", "data", "updatedFrom"]
INNER = [
    "identifier",
    "title",
    "state",
    "labels",
    "labelIds",
    "assignee",
    "assigneeId",
    "teamId",
    "name",
    "url",
    "body",
]
BASES = [
    issue("create"),
    issue("update", {"labelIds": []}, labels=LABELS),
    issue("update", {"assigneeId": None}, assigneeId=PERSON, assignee=account()),
    comment("Sorted"),
]


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


anything = given(body=spoiled() | st.binary(max_size=100), name=st.just("13792a34") | st.text(max_size=8))


def check(body: bytes, name: str) -> None:
    try:
        arrival = DOOR.parse({"linear-delivery": name}, body, INSTALL)
    except Malformed as error:
        refused = str(error)
    else:
        check_arrival(arrival)
        return
    assert not has_control(refused)


def check_arrival(arrival: Arrival) -> None:
    assert not has_control(arrival.name)
    assert arrival.project is None or is_team(arrival.project)
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
