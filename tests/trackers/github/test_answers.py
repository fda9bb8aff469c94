"""What GitHub's refusals become."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.trackers.answers import Answer, Rejection
from bot.trackers.github.answers import refusal
from graphs.errors import (
    RateLimited,
    TicketGone,
    TrackerError,
    TrackerRefused,
    TrackerRejected,
    TrackerUnavailable,
)

NOW = 1_800_000_000.0
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
"""The same moment as `NOW`."""


def answer(status: int, said: object = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"" if said is None else json.dumps(said).encode()
    return Answer(call="POST /repos/a/b/issues/1/labels", status=status, headers=named, body=body)


def error_of(one: Answer) -> TrackerError:
    error = refusal(one, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_no_error(status: int) -> None:
    assert refusal(answer(status), NOW) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, TicketGone),
        (308, TicketGone),
        (404, TicketGone),
        (410, TicketGone),
        (401, TrackerRefused),
        (403, TrackerRefused),
        (451, TrackerRefused),
        (429, RateLimited),
        (400, Rejection),
        (409, Rejection),
        (412, Rejection),
        (422, Rejection),
        (302, TrackerUnavailable),
        (304, TrackerUnavailable),
        (307, TrackerUnavailable),
        (408, TrackerUnavailable),
        (500, TrackerUnavailable),
        (502, TrackerUnavailable),
        (503, TrackerUnavailable),
        (504, TrackerUnavailable),
        (599, TrackerUnavailable),
    ],
)
def test_statuses(status: int, kind: type[TrackerError]) -> None:
    assert type(error_of(answer(status, {"message": "no"}))) is kind


def test_the_vendors_reasons_are_kept_for_machines_and_people() -> None:
    said = {"message": "Validation Failed", "errors": [{"code": "already_exists", "field": "name"}, "and text"]}
    error = error_of(answer(422, said))
    assert isinstance(error, Rejection)
    assert isinstance(error, TrackerRejected)
    assert "already_exists" in error.codes
    assert (
        str(error)
        == "GitHub answered 422: Validation Failed; already_exists; and text (POST /repos/a/b/issues/1/labels)"
    )


def test_the_vendors_text_is_short_and_plain() -> None:
    text = str(error_of(answer(422, {"message": "a\r\n\x1b[31mred\u202e" + "x" * 5_000})))
    assert len(text) < 300
    assert text.isprintable()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": 7}', b"[" * 100_000, b"\xff", b'{"errors": 1}'])
@pytest.mark.parametrize("status", [403, 404, 422, 500])
def test_a_refusal_with_an_unreadable_body_is_still_that_refusal(status: int, body: bytes) -> None:
    broken = Answer(call="GET /x", status=status, headers={}, body=body)
    assert type(error_of(broken)) is type(error_of(answer(status)))


SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.mark.parametrize(
    ("limited", "wait_s"),
    [
        (answer(403, SECONDARY, retry_after="30"), 30),
        (answer(429, SECONDARY, retry_after="30"), 30),
        (answer(403, SECONDARY), 60),
        (answer(403, {"message": "You have triggered an abuse detection mechanism"}), 60),
        (answer(429), 60),
        (answer(403, retry_after="0"), 0),
        (answer(403, retry_after="86400"), 3600),
        (answer(403, retry_after="9" * 12), 3600),
        (answer(403, SECONDARY, retry_after="-5"), 60),
        (answer(403, SECONDARY, retry_after="soon"), 60),
        (answer(429, retry_after="٣"), 60),
        (answer(429, retry_after="9" * 400), 60),
        (answer(429, retry_after="Fri, 15 Jan 2027 08:00:20 GMT"), 20),
        (answer(429, retry_after="Fri, 15 Jan 1999 08:00:20 GMT"), 0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1800000090"), 90),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1700000000"), 0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1900000000"), 3600),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="never"), 60),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1800000090", retry_after="7"), 7),
    ],
)
def test_rate_limits_tell_how_long_to_wait(limited: Answer, wait_s: float) -> None:
    error = error_of(limited)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == wait_s


def test_a_reset_is_judged_by_the_servers_clock() -> None:
    limited = answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="1800000090", date=DATE)
    error = refusal(limited, NOW + 50_000)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 90


def test_a_plain_refusal_is_no_rate_limit() -> None:
    """Budget left and no word of a limit: waiting would not help."""
    said = {"message": "Resource not accessible by personal access token"}
    error = error_of(answer(403, said, x_ratelimit_remaining="4999", x_ratelimit_reset="1800000090"))
    assert type(error) is TrackerRefused


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=60),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"]), st.text(max_size=30)
    ),
)
def test_any_answer_has_a_meaning_and_a_bearable_wait(status: int, body: bytes, headers: dict[str, str]) -> None:
    error = refusal(Answer(call="GET /x", status=status, headers=headers, body=body), NOW)
    assert (error is None) == (200 <= status < 300)
    if isinstance(error, RateLimited):
        assert 0 <= error.retry_after_s <= 3600
