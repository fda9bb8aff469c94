"""GitLab's door opens to a signature over the exact bytes or to the token, and to nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import Malformed, NotAuthentic, WebhookDoor
from bot.trackers.gitlab.webhook import GitLabDoor
from tests.trackers.gitlab.deliveries import KEY, TOKEN, signed

BODY = b'{"object_kind": "issue"}'
DOOR: WebhookDoor = GitLabDoor()
OTHER = "whsec_" + "YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE="


def test_the_published_vector_of_standard_webhooks() -> None:
    """From the specification's own reference libraries; GitLab's signing follows it."""
    known = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    DOOR.verify(known, b'{"test": 2432232314}', [key])
    with pytest.raises(NotAuthentic):
        DOOR.verify(known, b'{"test": 2432232315}', [key])


@pytest.mark.parametrize("secrets", [[KEY], [OTHER, KEY], [KEY, OTHER], [TOKEN, KEY]])
def test_current_and_previous_key_both_open(secrets: list[str]) -> None:
    DOOR.verify(signed(BODY), BODY, secrets)


def test_one_of_several_signatures_is_enough() -> None:
    """As a sender does while it changes its key."""
    sent, old = signed(BODY), signed(BODY, OTHER)["webhook-signature"]
    DOOR.verify({**sent, "webhook-signature": f"{old} v2,x {sent['webhook-signature']}"}, BODY, [KEY])


def test_a_token_beside_a_wrong_signature_does_not_help() -> None:
    sent = {**signed(BODY, OTHER), "x-gitlab-token": TOKEN}
    with pytest.raises(NotAuthentic):
        DOOR.verify(sent, BODY, [KEY, TOKEN])


@pytest.mark.parametrize("secrets", [[TOKEN], ["old", TOKEN], [TOKEN, "old"], [TOKEN, KEY]])
def test_the_token_opens_where_nothing_is_signed(secrets: list[str]) -> None:
    DOOR.verify({"x-gitlab-token": TOKEN}, BODY, secrets)


def test_a_token_beyond_ascii() -> None:
    DOOR.verify({"x-gitlab-token": "Schlüssel".encode().decode("latin-1")}, BODY, ["Schlüssel"])


@pytest.mark.parametrize("secrets", [[], [""], ["another"], [KEY], ["whsec_"], ["whsec_not base64"], ["\ud800"]])
def test_without_the_right_secret_it_stays_shut(secrets: list[str]) -> None:
    tokens: list[dict[str, str]] = [{"x-gitlab-token": one} for one in ("", TOKEN, KEY)]
    for claimed in ({}, *tokens, signed(BODY, OTHER)):
        with pytest.raises(NotAuthentic):
            DOOR.verify(claimed, BODY, secrets)


def test_an_empty_key_is_no_key() -> None:
    """Anybody can compute an HMAC with an empty key."""
    with pytest.raises(NotAuthentic):
        DOOR.verify(signed(BODY, "whsec_"), BODY, ["whsec_", ""])


SPOILS: list[Callable[[dict[str, str]], dict[str, str]]] = [
    lambda sent: {**sent, "webhook-signature": ""},
    lambda sent: {**sent, "webhook-signature": sent["webhook-signature"][:-1]},
    lambda sent: {**sent, "webhook-signature": sent["webhook-signature"].replace("v1,", "v1a,")},
    lambda sent: {**sent, "webhook-signature": sent["webhook-signature"] + "\n"},
    lambda sent: {**sent, "webhook-signature": "v1,é"},
    lambda sent: {**sent, "webhook-id": "another"},
    lambda sent: {**sent, "webhook-id": ""},
    lambda sent: {**sent, "webhook-id": "f5e5f430-f57b.1767225600"},
    lambda sent: {**sent, "webhook-timestamp": "1767225601"},
    lambda sent: {**sent, "webhook-timestamp": "9" * 400},
    lambda sent: {**sent, "webhook-timestamp": "1767225600.0"},
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_each_signed_part_counts(spoil: Callable[[dict[str, str]], dict[str, str]]) -> None:
    with pytest.raises(NotAuthentic):
        DOOR.verify(spoil(signed(BODY)), BODY, [KEY])


def test_the_delivery_id_is_the_signed_one_first() -> None:
    names = {"x-gitlab-event-uuid": "event", "idempotency-key": "key", "webhook-id": "signed"}
    assert DOOR.delivery_id(names) == "signed"
    assert DOOR.delivery_id({name: names[name] for name in ("x-gitlab-event-uuid", "idempotency-key")}) == "key"
    assert DOOR.delivery_id({"x-gitlab-event-uuid": "event"}) == "event"
    for bad in ({}, {"webhook-id": "a b"}, {"idempotency-key": ""}, {"x-gitlab-event-uuid": "x" * 200}):
        with pytest.raises(Malformed):
            DOOR.delivery_id(bad)


def check_verdict(body: bytes, secrets: list[str], signature: str | None, token: str | None, tamper: int) -> None:
    """The door agrees with an independent reading, and says no by `NotAuthentic` only."""
    sent = signed(body)
    claimed = {**({} if signature is None else {**sent, "webhook-signature": signature})}
    if signature == "right":
        claimed = sent
    if token is not None:
        claimed["x-gitlab-token"] = token
    changed = bytes([body[0] ^ tamper]) + body[1:] if body and tamper else body
    by_signature = KEY in secrets and "webhook-signature" in claimed
    right = signature == "right" and changed == body
    expected = right if by_signature else bool(token) and token in [one for one in secrets if one != KEY]
    try:
        DOOR.verify(claimed, changed, secrets)
    except NotAuthentic:
        assert not expected
    else:
        assert expected


plain = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10)
verdicts = given(
    body=st.binary(max_size=100),
    secrets=st.lists(st.just(KEY) | st.just(TOKEN) | plain, max_size=3),
    signature=st.none() | st.just("right") | plain | st.text(max_size=20).map(lambda one: "v1," + one),
    token=st.none() | st.just(TOKEN) | plain,
    tamper=st.just(0) | st.integers(0, 255),
)


@settings(max_examples=1_000, deadline=None)
@verdicts
def test_no_wrong_proof_is_accepted(
    body: bytes, secrets: list[str], signature: str | None, token: str | None, tamper: int
) -> None:
    check_verdict(body, secrets, signature, token, tamper)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@verdicts
def test_no_wrong_proof_is_accepted_long(
    body: bytes, secrets: list[str], signature: str | None, token: str | None, tamper: int
) -> None:
    check_verdict(body, secrets, signature, token, tamper)
