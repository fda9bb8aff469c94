"""What Linear's errors mean. Most come in a 200 or a 400, told by GraphQL, not by the status. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.trackers.answers import Answer, Rejection, by_status, gone, wait_s
from graphs.errors import RateLimited, TrackerError, TrackerRefused, TrackerUnavailable

_MOVED: Final = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_FORBIDDEN: Final = frozenset({"authentication_error", "forbidden", "feature_not_accessible"})
_THEIRS: Final = frozenset({"internal_error", "internal_server_error", "lock_timeout", "network_error", "unknown"})
_LIMITED: Final = "ratelimited"
_MISSING: Final = re.compile(r"(?i)entity not found(?:: *issue\b| *$|: *$)|could not find referenced issue\b")
_SCOPE: Final = re.compile(r"(?i)\bscopes?\b")
_COUNTED: Final = ("requests", "complexity", "endpoint-requests")
_MS: Final = 1000


class _Extensions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: str | None = None
    code: str | None = None
    userPresentableMessage: str | None = None  # noqa: N815  # Linear's name


class _Error(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    message: str = ""
    extensions: _Extensions = _Extensions()

    @property
    def kinds(self) -> frozenset[str]:
        """Its code and its type, written alike: `FORBIDDEN` and `forbidden`, `INPUT_ERROR` and `invalid input`."""
        return frozenset(_alike(one) for one in (self.extensions.code, self.extensions.type) if one)

    @property
    def words(self) -> str:
        shown = self.extensions.userPresentableMessage
        return f"{self.message}: {shown}" if shown and shown != self.message else self.message


class _Errors(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    errors: tuple[_Error, ...] = ()


def refusal(answer: Answer, now: float) -> TrackerError | None:
    """The error this answer stands for, or None for a success. `now` in seconds since 1970."""
    errors = _errors(answer.body)
    if answer.is_success and not errors:
        return None
    kinds = frozenset(kind for one in errors for kind in one.kinds)
    words = "; ".join(one.words for one in errors if one.words)
    text = answer.told("Linear", words)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or _LIMITED in kinds:
        return RateLimited(text, _wait_s(answer.headers, now))
    if answer.status in _MOVED or any(_MISSING.search(one.words) for one in errors):
        return gone(text)
    if kinds & _FORBIDDEN or (errors and _SCOPE.search(words)):
        return TrackerRefused(text)
    return _other(answer, kinds, text)


def _other(answer: Answer, kinds: frozenset[str], text: str) -> TrackerError:
    if kinds & _THEIRS or answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        # There is one address for everything: without a word of GraphQL's it is the address that is wrong.
        return TrackerUnavailable(text)
    return Rejection(text, kinds) if answer.is_success else by_status(answer.status, text, kinds)


def _errors(body: bytes) -> tuple[_Error, ...]:
    try:
        return _Errors.model_validate_json(body).errors
    except (ValidationError, ValueError, RecursionError):
        return ()


def _wait_s(headers: Mapping[str, str], now: float) -> float:
    """The latest reset of what is spent; Linear tells it in milliseconds since 1970."""
    spent = [one for one in _COUNTED if headers.get(f"x-ratelimit-{one}-remaining", "").strip() == "0"]
    told = [headers.get(f"x-ratelimit-{one}-reset", "").strip() for one in spent]
    resets = [int(one) // _MS for one in told if one.isdecimal() and len(one) < 18]  # noqa: PLR2004  # past any date
    known = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(max(resets))} if resets else {}
    return wait_s({**headers, **known}, now)


def _alike(word: str) -> str:
    return re.sub(r"[^a-z]+", "_", word.casefold()).strip("_")
