"""Requests as GitLab wants them, its answers, and how often it lets one install ask."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr, ValidationError

from bot.limits.rates import RateLimits
from bot.trackers.answers import Answer, by_status, gone, wait_s
from bot.trackers.budget import Allowed, InstallBudget
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.transport import Budget, Credential, Dialect, Limits, Transport
from graphs.errors import RateLimited, TrackerError

_ALLOWED: Final = Allowed(requests=600, at_once=200, comments=60, comments_at_once=20, comment=re.compile(r"/notes$"))


class _Complaint(BaseModel):
    """`message` is a text, a list, or lists by field; OAuth's part of GitLab says `error` instead."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    message: JsonValue = ""
    error: str = ""
    error_description: str = ""


def gitlab_budget(limits: RateLimits, install: str) -> InstallBudget:
    """Well below what gitlab.com allows; a server may be set lower."""
    return InstallBudget(limits, f"gitlab:{install}", _ALLOWED)


def gitlab_transport(
    http: httpx.AsyncClient,
    site: GitLabSite,
    credential: Credential,
    limits: Limits | None = None,
    wall: Callable[[], float] = time.time,
    budget: Budget | None = None,
) -> Transport:
    """One credential's way to one GitLab."""
    return Transport(http, site.api, Dialect(_headers, refusal), credential, limits, wall, budget)


def refusal(answer: Answer, now: float) -> TrackerError | None:
    """The error this answer stands for, or None for a success. `now` in seconds since 1970."""
    if answer.is_success:
        return None
    text = answer.told("GitLab", _words(answer.body))
    if answer.is_gone:
        return gone(text)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(text, wait_s(answer.headers, now, "ratelimit"))
    return by_status(answer.status, text)


def _headers(token: SecretStr | None) -> dict[str, str]:
    headers = {"accept": "application/json"}
    return headers if token is None else {**headers, "private-token": token.get_secret_value()}


def _words(body: bytes) -> str:
    try:
        said = _Complaint.model_validate_json(body)
    except (ValidationError, ValueError, RecursionError):
        return ""
    return "; ".join([*_flat(said.message), *(one for one in (said.error, said.error_description) if one)])


def _flat(said: JsonValue, depth: int = 0) -> list[str]:
    """Two levels: `{"title": ["is too long"]}`."""
    if isinstance(said, str):
        return [said] if said else []
    if depth > 1:
        return []
    if isinstance(said, list):
        return [text for one in said for text in _flat(one, depth + 1)]
    if isinstance(said, dict):
        return [f"{name} {text}" for name, one in said.items() for text in _flat(one, depth + 1)]
    return []
