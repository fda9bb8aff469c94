"""Jira's door opens to a signature over the exact bytes, and to nothing else."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import NotAuthentic, WebhookDoor
from bot.trackers.jira.webhook import JiraDoor
from tests.trackers.jira.deliveries import SECRET, signature

BODY = b'{"webhookEvent": "jira:issue_created"}'
DOOR: WebhookDoor = JiraDoor()


def test_the_published_vector() -> None:
    """From Atlassian's page on webhooks: the key, the text and the signature that every implementation must get."""
    known = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    DOOR.verify({"x-hub-signature": known}, b"Hello World!", ["It's a Secret to Everybody"])
    with pytest.raises(NotAuthentic):
        DOOR.verify({"x-hub-signature": known}, b"Hello World", ["It's a Secret to Everybody"])


@pytest.mark.parametrize("secrets", [[SECRET], ["old", SECRET], [SECRET, "old"], ["", SECRET]])
def test_current_and_previous_secret_both_open(secrets: list[str]) -> None:
    DOOR.verify({"x-hub-signature": signature(BODY)}, BODY, secrets)


@pytest.mark.parametrize(
    "claimed",
    [
        "",
        "sha256=",
        signature(BODY)[:-1],
        signature(BODY) + "\n",
        signature(BODY).upper(),
        signature(BODY).removeprefix("sha256="),
        signature(BODY, "another"),
        signature(BODY + b" "),
        "sha256=" + "é" * 64,
        "sha1=" + hmac.new(SECRET.encode(), BODY, "sha1").hexdigest(),
    ],
)
def test_anything_else_stays_outside(claimed: str) -> None:
    for sent in ({"x-hub-signature": claimed}, {"x-hub-signature-256": signature(BODY)}, {}):
        with pytest.raises(NotAuthentic):
            DOOR.verify(sent, BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["another"], ["\ud800"]])
def test_without_the_right_secret_it_stays_shut(secrets: list[str]) -> None:
    for key in (SECRET, ""):
        with pytest.raises(NotAuthentic):
            DOOR.verify({"x-hub-signature": signature(BODY, key)}, BODY, secrets)


verdicts = given(
    body=st.binary(max_size=100),
    claimed=st.none() | st.text(max_size=20).map(lambda one: f"sha256={one}"),
    secrets=st.lists(st.just(SECRET) | st.text(st.characters(min_codepoint=32, max_codepoint=126)), max_size=3),
)


def check(body: bytes, claimed: str | None, secrets: list[str]) -> None:
    """The door agrees with an independent reading, and says no by `NotAuthentic` only."""
    try:
        DOOR.verify({"x-hub-signature": claimed or signature(body)}, body, secrets)
    except NotAuthentic:
        assert claimed is not None or SECRET not in secrets
    else:
        assert claimed is None
        assert SECRET in secrets


@settings(max_examples=1_000, deadline=None)
@verdicts
def test_no_wrong_proof_is_accepted(body: bytes, claimed: str | None, secrets: list[str]) -> None:
    check(body, claimed, secrets)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@verdicts
def test_no_wrong_proof_is_accepted_long(body: bytes, claimed: str | None, secrets: list[str]) -> None:
    check(body, claimed, secrets)
