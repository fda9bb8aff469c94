"""What GitHub's answers mean.

Owns the mapping of statuses to `graphs.errors` and the reading of a rate limit. Pure. Vendor text is shortened and
stripped of control characters before it enters an error, because errors end up in logs and on cards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.trackers.github.deliveries import FromGitHub
from bot.trackers.github.names import has_control
from graphs.errors import RateLimited, TicketGone, TrackerError, TrackerRefused, TrackerRejected, TrackerUnavailable

_LONGEST_WAIT_S = 3600.0
"""GitHub's budgets renew hourly; a longer wait is a mistake or an attack on our patience."""
_WAIT_WITHOUT_HINT_S = 60.0
_SECONDS = re.compile(r"[0-9]{1,12}")
_LONGEST_MESSAGE = 200
_MOVED = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_FORBIDDEN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})

Parsed = TypeVar("Parsed")


class Rejection(TrackerRejected):
    """A no with GitHub's machine-readable reasons, for callers to whom some of them mean yes."""

    def __init__(self, message: str, codes: frozenset[str]) -> None:
        super().__init__(message)
        self.codes = codes


class _Detail(FromGitHub):
    code: str = ""
    message: str | None = None


class _Complaint(FromGitHub):
    message: str = ""
    errors: tuple[_Detail | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response within the size cap. `call` names the request in errors: method and path, no query."""

    call: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def read(self, shape: TypeAdapter[Parsed]) -> Parsed:
        """Raises `TrackerUnavailable`: a success we cannot read is a success we cannot rely on."""
        try:
            return shape.validate_json(self.body)
        except (ValueError, RecursionError):
            raise TrackerUnavailable(f"{self.call}: GitHub's answer has not the form its API describes") from None

    @property
    def has_next_page(self) -> bool:
        return 'rel="next"' in self.headers.get("link", "")


def refusal(answer: Answer, now: float) -> TrackerError | None:
    """The error this answer stands for, or None for a success. `now` in seconds since 1970."""
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    said = _complaint(answer.body)
    text = _text(answer, said)
    if status in _MOVED or status in _GONE:
        return TicketGone(f"{text}; moved, gone, or hidden from this credential")
    if _is_rate_limit(answer, said):
        return RateLimited(text, _wait(answer.headers, now))
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _no(status, text, said)
    return TrackerUnavailable(text)


def _no(status: int, text: str, said: _Complaint) -> TrackerError:
    if status in _FORBIDDEN:
        return TrackerRefused(text)
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return TrackerUnavailable(text)
    return Rejection(text, frozenset(one.code for one in said.errors if isinstance(one, _Detail)))


def _complaint(body: bytes) -> _Complaint:
    try:
        return _Complaint.model_validate_json(body)
    except (ValidationError, ValueError, RecursionError):
        return _Complaint()


def _text(answer: Answer, said: _Complaint) -> str:
    details = [one if isinstance(one, str) else one.message or one.code for one in said.errors]
    words = "; ".join(part for part in (said.message, *details) if part)
    plain = "".join(" " if has_control(one) or not one.isprintable() else one for one in words)
    short = plain if len(plain) <= _LONGEST_MESSAGE else plain[: _LONGEST_MESSAGE - 1] + "…"
    return f"GitHub answered {answer.status}{short and f': {short}'} ({answer.call})"


def _is_rate_limit(answer: Answer, said: _Complaint) -> bool:
    """GitHub says "slow down" with 429 and also with 403, which otherwise means "you may not"."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if answer.status != HTTPStatus.FORBIDDEN:
        return False
    spent = answer.headers.get("x-ratelimit-remaining", "").strip() == "0"
    words = said.message.casefold()
    return spent or "retry-after" in answer.headers or "rate limit" in words or "abuse detection" in words


def _wait(headers: Mapping[str, str], now: float) -> float:
    """Seconds to wait, judged by the server's own clock where it tells it."""
    served_at = _http_date(headers.get("date", "")) or now
    asked = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(asked):
        return _within(float(asked))
    if (until := _http_date(asked)) is not None:
        return _within(until - served_at)
    reset = headers.get("x-ratelimit-reset", "").strip()
    if headers.get("x-ratelimit-remaining", "").strip() == "0" and _SECONDS.fullmatch(reset):
        return _within(float(reset) - served_at)
    return _WAIT_WITHOUT_HINT_S


def _within(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT_S)


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
