"""What GitHub's answers mean: its own form of a complaint, and its two ways of saying "slow down". Pure."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import ValidationError

from bot.trackers.answers import Answer, by_status, gone, wait_s
from bot.trackers.github.deliveries import FromGitHub
from graphs.errors import RateLimited, TrackerError


class _Detail(FromGitHub):
    code: str = ""
    message: str | None = None


class _Complaint(FromGitHub):
    message: str = ""
    errors: tuple[_Detail | str, ...] = ()


def refusal(answer: Answer, now: float) -> TrackerError | None:
    """The error this answer stands for, or None for a success. `now` in seconds since 1970."""
    if answer.is_success:
        return None
    said = _complaint(answer.body)
    text = answer.told("GitHub", _words(said))
    if answer.is_gone:
        return gone(text)
    if _is_rate_limit(answer, said):
        return RateLimited(text, wait_s(answer.headers, now))
    return by_status(answer.status, text, frozenset(one.code for one in said.errors if isinstance(one, _Detail)))


def _complaint(body: bytes) -> _Complaint:
    try:
        return _Complaint.model_validate_json(body)
    except (ValidationError, ValueError, RecursionError):
        return _Complaint()


def _words(said: _Complaint) -> str:
    details = [one if isinstance(one, str) else one.message or one.code for one in said.errors]
    return "; ".join(part for part in (said.message, *details) if part)


def _is_rate_limit(answer: Answer, said: _Complaint) -> bool:
    """GitHub says "slow down" with 429 and also with 403, which otherwise means "you may not"."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if answer.status != HTTPStatus.FORBIDDEN:
        return False
    spent = answer.headers.get("x-ratelimit-remaining", "").strip() == "0"
    words = said.message.casefold()
    return spent or "retry-after" in answer.headers or "rate limit" in words or "abuse detection" in words
