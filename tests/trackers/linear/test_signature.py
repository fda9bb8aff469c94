"""Linear's door opens to a signature over the exact bytes, as Linear's own SDK reads it, and to nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import Malformed, NotAuthentic, WebhookDoor
from bot.sandbox.linear.local import headers as sent_by_the_double
from bot.trackers.linear.webhook import LinearDoor
from tests.trackers.github.examples import node_module
from tests.trackers.linear.deliveries import SECRET, headers, signature

BODY = b'{"action":"create","type":"Issue"}'
DOOR: WebhookDoor = LinearDoor()
_JUDGE = """
const { LinearWebhookClient } = await import(process.argv[1]);
const said = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdicts = said.map(({ secret, body, signature, timestamp }) => {
  try {
    return new LinearWebhookClient(secret).verify(Buffer.from(body, "base64"), signature, timestamp);
  } catch {
    return false;
  }
});
process.stdout.write(JSON.stringify(verdicts));
"""


def known_answer() -> tuple[bytes, str, str]:
    """RFC 4231, test case 2: the vector of HMAC-SHA-256 whose key is text."""
    mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    return b"what do ya want for nothing?", "Jefe", mac


def test_the_published_vector_of_hmac_sha256() -> None:
    body, key, mac = known_answer()
    DOOR.verify({"linear-signature": mac}, body, [key])
    with pytest.raises(NotAuthentic):
        DOOR.verify({"linear-signature": mac}, body + b" ", [key])


def test_linears_own_sdk_accepts_what_we_accept(node: Path) -> None:
    """`LinearWebhookClient.verify` of @linear/sdk on signatures of our double and our tests, right and spoiled."""
    import base64
    import time

    now = int(time.time() * 1000)
    body = json.dumps({"action": "create", "type": "Issue", "webhookTimestamp": now, "data": {"title": "größe 🐛"}})
    raw, early = body.encode(), body.replace(str(now), str(now - 120_000)).encode()
    double = sent_by_the_double("Issue", "1", raw, SECRET, now)["linear-signature"]
    cases: list[tuple[str, bytes, str, bool]] = [
        (SECRET, raw, signature(raw), True),
        (SECRET, raw, double, True),
        ("another", raw, double, False),
        (SECRET, raw + b" ", double, False),
        (SECRET, raw, double[:-1] + ("0" if double[-1] != "0" else "1"), False),
        (SECRET, raw, "", False),
    ]
    asked = [
        {"secret": secret, "body": base64.b64encode(it).decode(), "signature": mac, "timestamp": now}
        for secret, it, mac, _ in cases
    ]
    late = {"secret": SECRET, "body": base64.b64encode(early).decode(), "signature": signature(early)}
    asked.append({**late, "timestamp": now - 120_000})
    sdk = node_module("@linear/sdk") / "dist" / "webhooks" / "index.mjs"
    command = [str(node), "--input-type=commonjs", "-e", f"(async () => {{{_JUDGE}}})()", sdk.as_uri()]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60)
    *verdicts, too_late = json.loads(done.stdout)
    assert verdicts == [right for *_, right in cases]
    assert not too_late, "the SDK takes nothing older than a minute; we take what Linear may still send again"
    for secret, it, mac, right in cases:
        if right:
            DOOR.verify({"linear-signature": mac}, it, [secret])
            continue
        with pytest.raises(NotAuthentic):
            DOOR.verify({"linear-signature": mac}, it, [secret])


@pytest.mark.parametrize("secrets", [[SECRET], ["old", SECRET], [SECRET, "old"], ["", SECRET]])
def test_current_and_previous_secret_both_open(secrets: list[str]) -> None:
    DOOR.verify(headers(BODY), BODY, secrets)


@pytest.mark.parametrize("secrets", [[], [""], ["another"], ["\ud800"]])
def test_without_the_right_secret_it_stays_shut(secrets: list[str]) -> None:
    for claimed in (headers(BODY), headers(BODY, ""), {}):
        with pytest.raises(NotAuthentic):
            DOOR.verify(claimed, BODY, secrets)


@pytest.mark.parametrize(
    "claimed",
    ["", signature(BODY).upper(), signature(BODY) + "\n", f"sha256={signature(BODY)}", signature(BODY)[:-1], "é" * 64],
)
def test_a_signature_of_another_form_is_none(claimed: str) -> None:
    with pytest.raises(NotAuthentic):
        DOOR.verify({"linear-signature": claimed}, BODY, [SECRET])


def test_the_delivery_id() -> None:
    assert DOOR.delivery_id(headers()) == "234d1a4e-b617-4388-90fe-adc3633d6b72"
    for bad in ({}, {"linear-delivery": ""}, {"linear-delivery": "a b"}, {"linear-delivery": "x" * 200}):
        with pytest.raises(Malformed):
            DOOR.delivery_id(bad)


def check_verdict(body: bytes, secrets: list[str], claimed: str, tamper: int) -> None:
    """The door agrees with an independent reading, and says no by `NotAuthentic` only."""
    changed = bytes([body[0] ^ tamper]) + body[1:] if body and tamper else body
    mac = signature(body) if claimed == "right" else claimed
    expected = mac in [signature(changed, one) for one in secrets if one]
    try:
        DOOR.verify({"linear-signature": mac}, changed, secrets)
    except NotAuthentic:
        assert not expected
    else:
        assert expected


plain = st.text("abcXYZ019 _-", max_size=10)
verdicts = given(
    body=st.binary(max_size=100),
    secrets=st.lists(st.just(SECRET) | plain, max_size=3),
    claimed=st.just("right") | st.text(max_size=8) | st.binary(min_size=32, max_size=32).map(bytes.hex),
    tamper=st.just(0) | st.integers(0, 255),
)


@settings(max_examples=1_000, deadline=None)
@verdicts
def test_no_wrong_mac_is_accepted(body: bytes, secrets: list[str], claimed: str, tamper: int) -> None:
    check_verdict(body, secrets, claimed, tamper)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@verdicts
def test_no_wrong_mac_is_accepted_long(body: bytes, secrets: list[str], claimed: str, tamper: int) -> None:
    check_verdict(body, secrets, claimed, tamper)
