"""Whatever the bytes, the door answers with an arrival or with `Malformed`."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.events import Arrival, FieldSet, Irrelevant, Malformed
from bot.trackers.github.names import is_project
from bot.trackers.github.webhook import GitHubDoor
from bot.trackers.text import has_control
from tests.trackers.github.deliveries import INSTALL, as_form, payload

SURROGATES = st.text(st.characters(exclude_categories=()), max_size=6)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), SURROGATES, st.sampled_from([10**400, "..", "\0", "a/../b"])
)
JSONISH: st.SearchStrategy[object] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SURROGATES, inner, max_size=3), max_leaves=8
)
FIELDS = ["action", "issue", "repository", "sender", "label", "assignee", "comment", "changes"]
INNER = ["number", "pull_request", "full_name", "login", "name", "body", "title"]
ACTIONS = ["opened", "edited", "closed", "labeled", "assigned", "created", "transferred"]
FULL: Mapping[str, JsonValue] = payload(
    "labeled", label={"name": "x"}, assignee={"login": "a"}, comment={"body": "b"}, changes={"title": {"from": "t"}}
)


@st.composite
def spoiled_payloads(draw: st.DrawFn) -> bytes:
    """A good payload in which some fields hold something else, as JSON with every liberty Python's writer takes."""
    said: dict[str, object] = {**FULL, "action": draw(st.sampled_from(ACTIONS))}
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        inner = said.get(field)
        if isinstance(inner, dict) and draw(st.booleans()):
            said[field] = {**inner, draw(st.sampled_from(INNER)): draw(JSONISH)}
        else:
            said[field] = draw(JSONISH)
    return json.dumps(said).encode()


@st.composite
def spoiled_bytes(draw: st.DrawFn) -> bytes:
    body = bytearray(json.dumps(FULL).encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body) - 1))
        body[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
        body = body or bytearray(b" ")
    return bytes(body)


BODIES = st.one_of(st.binary(max_size=100), spoiled_payloads(), spoiled_bytes(), spoiled_payloads().map(as_form))
EVENTS = st.sampled_from(["issues", "issue_comment", "label", "ping"]) | st.text(max_size=8)
TYPES = st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]) | st.text(max_size=8)
DELIVERIES = st.just("72d3162e") | st.text(max_size=8)


def check_parse(body: bytes, event: str, content_type: str, delivery: str) -> None:
    headers = {"x-github-event": event, "content-type": content_type, "x-github-delivery": delivery}
    try:
        arrival = GitHubDoor().parse(headers, body, INSTALL)
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
    if isinstance(arrival.event, FieldSet):
        assert "\0" not in arrival.event.value


anything = given(body=BODIES, event=EVENTS, content_type=TYPES, delivery=DELIVERIES)


@settings(max_examples=1_500, deadline=None)
@anything
def test_nothing_but_malformed_comes_out(body: bytes, event: str, content_type: str, delivery: str) -> None:
    check_parse(body, event, content_type, delivery)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@anything
def test_nothing_but_malformed_comes_out_long(body: bytes, event: str, content_type: str, delivery: str) -> None:
    check_parse(body, event, content_type, delivery)
