"""The door opens to GitHub's signature over the exact bytes, and to nothing else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import Malformed, NotAuthentic, WebhookDoor
from bot.trackers.github.webhook import GitHubDoor
from tests.trackers.github.deliveries import SECRET, signature

BODY = b'{"zen": "Design for failure."}'
DOOR: WebhookDoor = GitHubDoor()


def claims(value: str) -> dict[str, str]:
    return {"x-hub-signature-256": value}


def test_the_vector_of_githubs_documentation() -> None:
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    DOOR.verify(claims(known), b"Hello, World!", ["It's a Secret to Everybody"])
    with pytest.raises(NotAuthentic):
        DOOR.verify(claims(known), b"Hello, World?", ["It's a Secret to Everybody"])


@pytest.mark.parametrize("secrets", [["new", SECRET], [SECRET, "old"]])
def test_current_and_previous_secret_both_open(secrets: list[str]) -> None:
    DOOR.verify(claims(signature(BODY)), BODY, secrets)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""], ["another"]])
def test_without_the_right_secret_it_stays_shut(secrets: list[str]) -> None:
    with pytest.raises(NotAuthentic):
        DOOR.verify(claims(signature(BODY)), BODY, secrets)


def test_an_empty_secret_is_no_secret() -> None:
    """Anybody can compute an HMAC with an empty key."""
    with pytest.raises(NotAuthentic):
        DOOR.verify(claims(signature(BODY, secret="")), BODY, ["", SECRET])


def test_sha1_alone_is_not_enough() -> None:
    old = "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()
    with pytest.raises(NotAuthentic):
        DOOR.verify({"x-hub-signature": old}, BODY, [SECRET])
    with pytest.raises(NotAuthentic):
        DOOR.verify(claims(old), BODY, [SECRET])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:0],
        lambda good: good[:-1],
        lambda good: good + "0",
        lambda good: good + "\n",
        lambda good: " " + good,
        lambda good: good.removeprefix("sha256="),
        lambda good: good.replace("sha256", "sha512"),
        lambda good: good[:-1] + "g",
        lambda good: good[:-1] + "é",
        lambda good: good[:-1] + "\N{FULLWIDTH DIGIT ONE}",
        lambda good: good[:-1] + "\udc80",
        lambda good: good.upper(),
        lambda good: f"{good},{good}",
    ],
)
def test_a_header_of_the_wrong_form_is_not_authentic(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(NotAuthentic):
        DOOR.verify(claims(str(spoil(signature(BODY)))), BODY, [SECRET])


def test_a_secret_that_is_no_text_is_not_authentic() -> None:
    with pytest.raises(NotAuthentic):
        DOOR.verify(claims(signature(BODY)), BODY, ["\ud800"])


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 200, "id\n", "é", "../up"])
def test_a_delivery_id_that_cannot_be_a_key_is_malformed(given_id: str) -> None:
    with pytest.raises(Malformed):
        DOOR.delivery_id({"x-github-delivery": given_id})


def test_the_delivery_id_is_githubs() -> None:
    assert DOOR.delivery_id({"x-github-delivery": "72d3162e-cc78-11e3"}) == "72d3162e-cc78-11e3"
    with pytest.raises(Malformed):
        DOOR.delivery_id({})


secrets_in_use = st.lists(st.text(max_size=12), max_size=3)
hexes = st.text("0123456789abcdef", min_size=64, max_size=64)
claimed_values = st.one_of(st.text(max_size=80), hexes.map(lambda one: "sha256=" + one), st.none())


def check_verdict(body: bytes, secrets: list[str], claimed: str | None, tamper: int | None) -> None:
    """The door agrees with an independent computation, and says no by `NotAuthentic` only."""
    known = [one for one in secrets if one]
    if claimed is None and known:
        claimed = signature(body, known[-1])
    if tamper is not None and body:
        body = bytes([body[0] ^ (1 << tamper)]) + body[1:]
    expected = claimed is not None and claimed in {signature(body, one) for one in known}
    try:
        DOOR.verify({} if claimed is None else claims(claimed), body, secrets)
    except NotAuthentic:
        assert not expected
    else:
        assert expected


verdicts = given(
    body=st.binary(max_size=200),
    secrets=secrets_in_use,
    claimed=claimed_values,
    tamper=st.none() | st.integers(0, 7),
)


@settings(max_examples=1_500, deadline=None)
@verdicts
def test_no_wrong_signature_is_accepted(
    body: bytes, secrets: list[str], claimed: str | None, tamper: int | None
) -> None:
    check_verdict(body, secrets, claimed, tamper)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@verdicts
def test_no_wrong_signature_is_accepted_long(
    body: bytes, secrets: list[str], claimed: str | None, tamper: int | None
) -> None:
    check_verdict(body, secrets, claimed, tamper)
