"""Requests as Linear wants them: GraphQL by POST, the key as it is, and how often one install may ask."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import httpx
from pydantic import JsonValue, SecretStr, TypeAdapter

from bot.limits.rates import Rate, RateLimits
from bot.trackers.answers import Answer, Parsed
from bot.trackers.linear.documents import Document
from bot.trackers.linear.refusals import refusal
from bot.trackers.linear.site import LinearSite
from bot.trackers.transport import Credential, Dialect, Limits, Transport

_PATH: Final = "/graphql"
_KEY: Final = "lin_api_"
_A_MINUTE: Final = 320
_AT_ONCE: Final = 300
"""Together 1,500 in any hour, the lowest that Linear was ever seen to allow a key."""
_RESERVE: Final = 0.05
_PAUSE_S: Final = 60.0
_COUNTED: Final = ("requests", "complexity")


class LinearBudget:
    """Of one install, for reader and writer together: two keys of one account share what Linear allows it."""

    def __init__(self, limits: RateLimits, install: str) -> None:
        self._limits = limits
        self._requests = Rate.never_above(_A_MINUTE, f"linear:{install}:requests", _AT_ONCE)

    async def spend(self, method: str, path: str) -> None:  # noqa: ARG002  # Linear counts all alike
        """Raises `graphs.errors.RateLimited` before anything was sent."""
        await self._limits.take(self._requests)

    async def told_to_wait(self, seconds: float) -> None:
        """Linear said so itself. It holds for everything this install asks."""
        await self._limits.close(self._requests, seconds)

    async def heard(self, headers: Mapping[str, str]) -> None:
        """What is left of requests and of complexity stands on every answer; the last twentieth is not touched.

        Both fill up again steadily, so a pause is enough.
        """
        if any(_nearly_spent(headers, one) for one in _COUNTED):
            await self.told_to_wait(_PAUSE_S)


class LinearTransport(Transport):
    """One credential's way to Linear: questions and changes by their documents."""

    budget: LinearBudget | None = None

    async def query(self, document: Document, shape: TypeAdapter[Parsed], **variables: JsonValue) -> Parsed:
        """Raises a `graphs.errors.TrackerError`."""
        return await self._told(await self.ask(_PATH, _body(document, variables)), shape)

    async def mutate(self, document: Document, shape: TypeAdapter[Parsed], **variables: JsonValue) -> Parsed:
        """Raises a `graphs.errors.TrackerError`; `TrackerUnavailable` leaves the outcome open. Sent once."""
        return await self._told(await self.write("POST", _PATH, _body(document, variables)), shape)

    async def _told(self, answer: Answer, shape: TypeAdapter[Parsed]) -> Parsed:
        if self.budget is not None:
            await self.budget.heard(answer.headers)
        return answer.read(shape)


def linear_transport(
    http: httpx.AsyncClient,
    site: LinearSite,
    credential: Credential,
    limits: Limits | None = None,
    wall: Callable[[], float] = time.time,
    budget: LinearBudget | None = None,
) -> LinearTransport:
    found = LinearTransport(http, site.api, Dialect(_headers, refusal), credential, limits, wall, budget)
    found.budget = budget
    return found


def authorization(token: SecretStr) -> str:
    """A personal key is sent as it is, a token of an app as a bearer."""
    secret = token.get_secret_value()
    return secret if secret.startswith(_KEY) else f"Bearer {secret}"


def _headers(token: SecretStr | None) -> dict[str, str]:
    return {"accept": "application/json"} | ({} if token is None else {"authorization": authorization(token)})


def _body(document: Document, variables: dict[str, JsonValue]) -> JsonValue:
    return {"operationName": document.name, "query": document.text, "variables": variables}


def _nearly_spent(headers: Mapping[str, str], what: str) -> bool:
    left, whole = (headers.get(f"x-ratelimit-{what}-{one}", "") for one in ("remaining", "limit"))
    if not (left.isdecimal() and whole.isdecimal()):
        return False
    return int(left) < int(whole) * _RESERVE
