"""Requests as Zendesk wants them, its answers, and how often it lets one install ask."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import JsonValue, SecretStr, ValidationError

from bot.limits.rates import RateLimits
from bot.trackers.answers import Answer, by_status, gone, wait_s
from bot.trackers.budget import Allowed, InstallBudget
from bot.trackers.credentials import authorization
from bot.trackers.transport import Budget, Credential, Dialect, Limits, Transport
from bot.trackers.zendesk.payloads import FromZendesk
from bot.trackers.zendesk.site import ZendeskSite
from graphs.errors import RateLimited, TrackerError

_CHANGES: Final = re.compile(r"/tickets/[0-9]+$")
_ALLOWED: Final = Allowed(requests=150, at_once=80, comments=60, comments_at_once=20, comment=_CHANGES)
"""The smallest plan has 200 requests a minute for everybody together, and 30 changes of one ticket in ten minutes."""


class _Complaint(FromZendesk):
    """`error` is a word, or an object with a title where the gateway speaks."""

    error: JsonValue = ""
    description: str = ""
    details: dict[str, tuple[dict[str, JsonValue], ...]] | None = None


def zendesk_budget(limits: RateLimits, install: str) -> InstallBudget:
    return InstallBudget(limits, f"zendesk:{install}", _ALLOWED)


def zendesk_transport(
    http: httpx.AsyncClient,
    site: ZendeskSite,
    credential: Credential,
    limits: Limits | None = None,
    wall: Callable[[], float] = time.time,
    budget: Budget | None = None,
) -> Transport:
    """One credential's way to one Zendesk."""
    return Transport(http, site.api, Dialect(_headers, refusal), credential, limits, wall, budget)


def refusal(answer: Answer, now: float) -> TrackerError | None:
    """The error this answer stands for, or None for a success. `now` in seconds since 1970."""
    if answer.is_success:
        return None
    text = answer.told("Zendesk", _words(answer.body))
    if answer.is_gone:
        return gone(text)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(text, wait_s(answer.headers, now, "ratelimit"))
    conflict = {"conflict"} if answer.status == HTTPStatus.CONFLICT else set()
    return by_status(answer.status, text, frozenset(conflict))


def _headers(token: SecretStr | None) -> dict[str, str]:
    headers = {"accept": "application/json"}
    return headers if token is None else {**headers, "authorization": authorization(token)}


def _words(body: bytes) -> str:
    try:
        said = _Complaint.model_validate_json(body)
    except (ValidationError, ValueError, RecursionError):
        return ""
    error = said.error.get("title", "") if isinstance(said.error, dict) else said.error
    details = [str(one.get("description", "")) for many in (said.details or {}).values() for one in many]
    return "; ".join(one for one in (str(error or ""), said.description, *details) if one)
