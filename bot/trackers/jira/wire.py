"""Requests as Jira wants them, its answers, and how often it lets one install ask."""

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
from bot.trackers.credentials import Anonymous, authorization
from bot.trackers.jira.site import JiraSite
from bot.trackers.jira.vocabulary import FromJira
from bot.trackers.transport import Budget, Credential, Dialect, Limits, Transport
from graphs.errors import RateLimited, TrackerError

_ALLOWED: Final = Allowed(requests=600, at_once=100, comments=60, comments_at_once=20, comment=re.compile(r"/comment$"))


class _Complaint(FromJira):
    """General words, words for each field, or a single message from the gateway before Jira."""

    errorMessages: tuple[str, ...] = ()  # noqa: N815  # Jira's own spelling
    errors: dict[str, JsonValue] | None = None
    message: str = ""


def jira_budget(limits: RateLimits, install: str) -> InstallBudget:
    """Atlassian counts points that it does not publish, and says 429: this keeps well away from it."""
    return InstallBudget(limits, f"jira:{install}", _ALLOWED)


def jira_transport(
    http: httpx.AsyncClient,
    site: JiraSite,
    credential: Credential,
    limits: Limits | None = None,
    wall: Callable[[], float] = time.time,
    budget: Budget | None = None,
) -> Transport:
    """One credential's way to one Jira."""
    return Transport(http, site.api, Dialect(_headers, refusal), credential, limits, wall, budget)


def open_transport(http: httpx.AsyncClient, site: JiraSite, budget: Budget | None = None) -> Transport:
    """Nobody's way to one Jira: it sees what the public sees."""
    return Transport(http, site.open_api, Dialect(_headers, refusal), Anonymous(), budget=budget)


def refusal(answer: Answer, now: float) -> TrackerError | None:
    """The error this answer stands for, or None for a success. `now` in seconds since 1970."""
    if answer.is_success:
        return None
    text = answer.told("Jira", _words(answer.body))
    if answer.is_gone:
        return gone(text)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(text, wait_s(answer.headers, now))
    return by_status(answer.status, text)


def _headers(token: SecretStr | None) -> dict[str, str]:
    # The second one: a server takes a write without it for a form that a browser was tricked into.
    headers = {"accept": "application/json", "x-atlassian-token": "no-check"}
    return headers if token is None else {**headers, "authorization": authorization(token)}


def _words(body: bytes) -> str:
    try:
        said = _Complaint.model_validate_json(body)
    except (ValidationError, ValueError, RecursionError):
        return ""
    fields = [f"{name}: {text}" for name, text in (said.errors or {}).items() if isinstance(text, str)]
    return "; ".join([*said.errorMessages, *fields, *([said.message] if said.message else [])])
