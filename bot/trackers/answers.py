"""What a tracker's answers mean, as far as all agree: the whole response, a refusal by status, how long to wait.

Pure. Vendor text is shortened and stripped of control characters before it enters an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar

from pydantic import TypeAdapter

from bot.trackers.text import shortened
from graphs.errors import TicketGone, TrackerError, TrackerRefused, TrackerRejected, TrackerUnavailable

_LONGEST_WAIT_S = 3600.0
"""Budgets renew hourly at most; a longer wait is a mistake or an attack on our patience."""
_WAIT_WITHOUT_HINT_S = 60.0
_SECONDS = re.compile(r"[0-9]{1,12}")
_LONGEST_MESSAGE = 200
_MOVED = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_FORBIDDEN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})

Parsed = TypeVar("Parsed")


class Rejection(TrackerRejected):
    """A no with the tracker's machine-readable reasons, for callers to whom some of them mean yes."""

    def __init__(self, message: str, codes: frozenset[str]) -> None:
        super().__init__(message)
        self.codes = codes


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
            raise TrackerUnavailable(f"{self.call}: the answer has not the form that the API describes") from None

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_gone(self) -> bool:
        return self.status in _MOVED or self.status in _GONE

    @property
    def has_next_page(self) -> bool:
        return 'rel="next"' in self.headers.get("link", "")

    def told(self, vendor: str, words: str) -> str:
        """The answer as an error's text: who said what to which request."""
        short = shortened(words, _LONGEST_MESSAGE)
        return f"{vendor} answered {self.status}{short and f': {short}'} ({self.call})"


def gone(text: str) -> TicketGone:
    return TicketGone(f"{text}; moved, gone, or hidden from this credential")


def by_status(status: int, text: str, codes: frozenset[str] = frozenset()) -> TrackerError:
    """The error of a status that is neither a success, nor a rate limit, nor gone."""
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return TrackerUnavailable(text)
    if status in _FORBIDDEN:
        return TrackerRefused(text)
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return TrackerUnavailable(text)
    return Rejection(text, codes)


def wait_s(headers: Mapping[str, str], now: float, prefix: str = "x-ratelimit") -> float:
    """Seconds to wait, judged by the server's own clock where it tells it. `now` in seconds since 1970."""
    served_at = _http_date(headers.get("date", "")) or now
    asked = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(asked):
        return _within(float(asked))
    if (until := _http_date(asked)) is not None:
        return _within(until - served_at)
    reset = headers.get(f"{prefix}-reset", "").strip()
    if headers.get(f"{prefix}-remaining", "").strip() == "0" and _SECONDS.fullmatch(reset):
        return _within(float(reset) - served_at)
    return _WAIT_WITHOUT_HINT_S


def _within(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT_S)


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
