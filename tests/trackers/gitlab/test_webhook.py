"""What GitLab's deliveries say, and that nothing but `Malformed` comes out of odd ones. Payloads are constructed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.gitlab.names import is_project
from bot.trackers.gitlab.webhook import GitLabDoor
from bot.trackers.text import has_control
from graphs.model import Login
from tests.trackers.gitlab.deliveries import INSTALL, PROJECT, REF, Payload, headers, issue, note

ON_DUTY = Login("on-duty")
DOOR = GitLabDoor()


def parsed(payload: Payload, event: str = "Issue Hook") -> Arrival:
    return DOOR.parse(headers(event), json.dumps(payload).encode(), INSTALL)


def labels(*names: str) -> list[JsonValue]:
    return [{"id": 1, "title": name, "color": "#ededed"} for name in names]


def people(*names: str) -> list[JsonValue]:
    return [{"id": 1, "username": name} for name in names]


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        (issue("open"), Opened(ref=REF, action="opened")),
        (issue("reopen"), Opened(ref=REF, action="reopened")),
        (issue("close"), Gone(ref=REF, why="closed")),
        (issue("open", type="Incident"), Opened(ref=REF, action="opened")),
        (issue("update", {"title": {"previous": "a", "current": "b"}}), Edited(ref=REF)),
        (issue("update", {"description": {"previous": None, "current": "b"}}), Edited(ref=REF)),
        (
            issue("update", {"labels": {"previous": labels("a"), "current": labels("a", "b")}}),
            FieldSet(ref=REF, field=TicketField.LABEL, value="b", actor=ON_DUTY),
        ),
        (
            issue("update", {"assignees": {"previous": [], "current": people("data-lead")}}),
            FieldSet(ref=REF, field=TicketField.ASSIGNEE, value="data-lead", actor=ON_DUTY),
        ),
        (
            issue("update", {"title": {"previous": "a", "current": "b"}, "labels": {"current": labels("b")}}),
            Edited(ref=REF),
        ),
        (note("Sorted"), FieldSet(ref=REF, field=TicketField.COMMENT, value="Sorted", actor=ON_DUTY)),
        (note("Sorted", action=None), FieldSet(ref=REF, field=TicketField.COMMENT, value="Sorted", actor=ON_DUTY)),
    ],
)
def test_what_happened(payload: Payload, event: Event) -> None:
    arrival = parsed(payload)
    assert arrival.event == event
    assert arrival.project == PROJECT


@pytest.mark.parametrize(
    "payload",
    [
        issue("update", {"labels": {"previous": labels("a", "b"), "current": labels("a")}}),
        issue("update", {"weight": {"previous": 1, "current": 2}}),
        issue("open", type="Task"),
        issue(None),
        issue("approved"),
        note("x", kind="MergeRequest"),
        note("x", action="update"),
        {"object_kind": "push", "project": {"path_with_namespace": "../.."}},
        {},
    ],
)
def test_what_is_of_no_interest(payload: Payload) -> None:
    assert isinstance(parsed(payload).event, Irrelevant)


def test_confidential_events_are_the_same() -> None:
    assert parsed(issue("open", confidential=True), "Confidential Issue Hook").event == Opened(ref=REF, action="opened")


@pytest.mark.parametrize("path", ["", "acme", "a/../b", "/a/b", "a/b/", "a/b\n", "acme/" + "x" * 2000, "a b/c"])
def test_a_project_that_could_change_an_address_is_malformed(path: str) -> None:
    with pytest.raises(Malformed):
        parsed({**issue("open"), "project": {"path_with_namespace": path}})


@pytest.mark.parametrize("iid", [0, -1, "23", 1.5, True, None, 10**400])
def test_a_number_that_is_none_is_malformed(iid: JsonValue) -> None:
    with pytest.raises(Malformed):
        parsed(issue("open", iid=iid))


JSONISH: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["object_kind", "user", "project", "object_attributes", "changes", "issue"]
INNER = ["iid", "path_with_namespace", "username", "action", "type", "labels", "assignees", "note", "noteable_type"]
BASES = [
    issue("open"),
    issue("update", {"labels": {"previous": [], "current": labels("b")}}),
    note("Sorted"),
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


anything = given(
    body=spoiled() | st.binary(max_size=100),
    event=st.sampled_from(["Issue Hook", "Note Hook", "Push Hook"]) | st.text(max_size=8),
    name=st.just("13792a34") | st.text(max_size=8),
)


def check(body: bytes, event: str, name: str) -> None:
    try:
        arrival = DOOR.parse({"x-gitlab-event": event, "idempotency-key": name}, body, INSTALL)
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
def test_nothing_but_malformed_comes_out(body: bytes, event: str, name: str) -> None:
    check(body, event, name)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@anything
def test_nothing_but_malformed_comes_out_long(body: bytes, event: str, name: str) -> None:
    check(body, event, name)
