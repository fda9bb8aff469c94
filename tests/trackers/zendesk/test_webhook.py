"""Zendesk's door: who may knock, what is told, and that nothing but `Malformed` comes out of odd bytes. Constructed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, NotAuthentic, Opened, TicketField
from bot.trackers.text import has_control
from bot.trackers.zendesk.webhook import ZendeskDoor
from graphs.model import Login
from tests.trackers.zendesk.deliveries import INSTALL, PLACE, REF, SECRET, Payload, event, headers, signed

DOOR = ZendeskDoor(PLACE)
BODY = b'{"type": "zen:event-type:ticket.created"}'


def parsed(payload: Payload) -> Arrival:
    return DOOR.parse(headers(), json.dumps(payload).encode(), INSTALL)


def field(which: TicketField, value: str, actor: str = "7") -> FieldSet:
    return FieldSet(ref=REF, field=which, value=value, actor=Login(actor))


def test_a_vector_that_was_computed_elsewhere() -> None:
    """By `printf '%s%s' TIME BODY | openssl dgst -sha256 -hmac SECRET -binary | base64`; the secret is Zendesk's own
    for tests, which its documentation publishes."""
    secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    known = {"x-zendesk-webhook-signature": VECTOR, "x-zendesk-webhook-signature-timestamp": "2021-03-25T05:09:27Z"}
    DOOR.verify(known, b'{"hello":"world"}', [secret])
    with pytest.raises(NotAuthentic):
        DOOR.verify(known, b'{"hello":"world" }', [secret])


VECTOR = "y9gOnFFwlMu0aTsuxNi9B7V4WQ6w8SIJfgCbG94PGO8="

SPOILS: list[Callable[[dict[str, str]], dict[str, str]]] = [
    lambda sent: {**sent, "x-zendesk-webhook-signature": ""},
    lambda sent: {**sent, "x-zendesk-webhook-signature": sent["x-zendesk-webhook-signature"][:-1]},
    lambda sent: {**sent, "x-zendesk-webhook-signature": sent["x-zendesk-webhook-signature"] + "\n"},
    lambda sent: {**sent, "x-zendesk-webhook-signature": "é" * 44},
    lambda sent: {**sent, "x-zendesk-webhook-signature-timestamp": "2026-01-01T00:00:01Z"},
    lambda sent: {**sent, "x-zendesk-webhook-signature-timestamp": ""},
    lambda sent: {**sent, "x-zendesk-webhook-signature-timestamp": "9" * 400},
    lambda sent: {name: sent[name] for name in [*sent][:1]},
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_each_signed_part_counts(spoil: Callable[[dict[str, str]], dict[str, str]]) -> None:
    DOOR.verify(signed(BODY), BODY, ["old", SECRET])
    with pytest.raises(NotAuthentic):
        DOOR.verify(spoil(signed(BODY)), BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["another"], ["\ud800"]])
def test_without_the_right_secret_it_stays_shut(secrets: list[str]) -> None:
    for key in (SECRET, ""):
        with pytest.raises(NotAuthentic):
            DOOR.verify(signed(BODY, key), BODY, secrets)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (event("ticket.created"), Opened(ref=REF, action="opened")),
        (event("ticket.undeleted"), Opened(ref=REF, action="undeleted")),
        (event("ticket.soft_deleted"), Gone(ref=REF, why="deleted")),
        (event("ticket.merged"), Gone(ref=REF, why="merged")),
        (event("ticket.status_changed", {"previous": "OPEN", "current": "SOLVED"}), Gone(ref=REF, why="closed")),
        (
            event("ticket.status_changed", {"previous": "SOLVED", "current": "OPEN"}),
            Opened(ref=REF, action="reopened"),
        ),
        (event("ticket.subject_changed", {"previous": "a", "current": "b"}), Edited(ref=REF)),
        (event("ticket.tags_changed", {"tags_added": ["kind:_bug"]}), field(TicketField.LABEL, "kind: bug")),
        (event("ticket.agent_assignment_changed", assignee_id="12"), field(TicketField.ASSIGNEE, "12")),
        (event("ticket.agent_assignment_changed", assignee_id=12), field(TicketField.ASSIGNEE, "12")),
        (
            event("ticket.comment_added", {"comment": {"body": "Sorted", "author": {"id": "8"}}}),
            field(TicketField.COMMENT, "Sorted", "8"),
        ),
    ],
)
def test_what_happened(payload: Payload, expected: Event) -> None:
    arrival = parsed(payload)
    assert arrival.event == expected
    assert arrival.project == PLACE


@pytest.mark.parametrize(
    "payload",
    [
        event("ticket.status_changed", {"previous": "NEW", "current": "OPEN"}),
        event("ticket.status_changed"),
        event("ticket.tags_changed", {"tags_removed": ["a"]}),
        event("ticket.agent_assignment_changed"),
        event("ticket.priority_changed", {"current": "HIGH"}),
        {"type": "zen:event-type:user.created"},
    ],
)
def test_what_is_of_no_interest(payload: Payload) -> None:
    assert isinstance(parsed(payload).event, Irrelevant)


@pytest.mark.parametrize("number", ["", "0", "../1", "1\n", "x", 1.5, True, None, 10**400])
def test_a_number_that_is_none_is_malformed(number: JsonValue) -> None:
    with pytest.raises(Malformed):
        parsed(event("ticket.created", id=number))


def test_the_id_of_a_delivery() -> None:
    assert DOOR.delivery_id(headers("0a1b2c")) == "0a1b2c"
    for bad in ({}, headers("a b"), headers(""), headers("x" * 200)):
        with pytest.raises(Malformed):
            DOOR.delivery_id(bad)


JSONISH: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=()), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
BASES = [
    event("ticket.created"),
    event("ticket.tags_changed", {"tags_added": ["b"]}),
    event("ticket.comment_added", {"comment": {"body": "x", "author": {"id": "8"}}}),
]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    said: dict[str, object] = {**draw(st.sampled_from(BASES))}
    for place in draw(st.lists(st.sampled_from(["type", "detail", "event"]), max_size=3)):
        inner = said.get(place)
        if isinstance(inner, dict) and draw(st.booleans()):
            name = draw(st.sampled_from(["id", "actor_id", "assignee_id", "tags_added", "comment", "current"]))
            said[place] = {**inner, name: draw(JSONISH)}
        else:
            said[place] = draw(JSONISH)
    return json.dumps(said).encode()


anything = given(body=spoiled() | st.binary(max_size=100), claimed=st.none() | st.text(max_size=50))


def check(body: bytes, claimed: str | None) -> None:
    """The right signature opens and no other; behind it, nothing but `Malformed` is raised."""
    sent = signed(body) if claimed is None else {**signed(body), "x-zendesk-webhook-signature": claimed}
    try:
        DOOR.verify(sent, body, [SECRET])
        arrival = DOOR.parse(headers(), body, INSTALL)
    except NotAuthentic:
        assert claimed is not None
        return
    except Malformed:
        return
    assert claimed is None
    assert not has_control(arrival.name)
    arrival.model_dump_json().encode()
    if not isinstance(arrival.event, Irrelevant):
        assert arrival.event.ref.number.isdigit()


@settings(max_examples=1_000, deadline=None)
@anything
def test_no_wrong_proof_and_no_other_error(body: bytes, claimed: str | None) -> None:
    check(body, claimed)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@anything
def test_no_wrong_proof_and_no_other_error_long(body: bytes, claimed: str | None) -> None:
    check(body, claimed)
