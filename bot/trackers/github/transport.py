"""Requests as GitHub wants them: its headers, and its answers read by `refusal`. The exchange itself is shared."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
from pydantic import SecretStr

from bot.address import Network
from bot.trackers import transport
from bot.trackers.github.answers import refusal
from bot.trackers.github.site import GitHubSite
from bot.trackers.transport import Budget, Credential, Dialect, Limits

_API_VERSION = "2022-11-28"


class Transport(transport.Transport):
    """One credential's way to one GitHub."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        site: GitHubSite,
        credential: Credential,
        limits: Limits | None = None,
        wall: Callable[[], float] = time.time,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(http, site.api, Dialect(_headers, refusal), credential, limits, wall, budget)


@asynccontextmanager
async def open_http(
    site: GitHubSite, limits: Limits | None = None, allowed: Sequence[Network] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """The connection pool that transports share. It holds no credential."""
    async with transport.open_http(site.api, limits, allowed) as http:
        yield http


def _headers(token: SecretStr | None) -> dict[str, str]:
    headers = {"accept": "application/vnd.github+json", "x-github-api-version": _API_VERSION}
    return headers if token is None else {**headers, "authorization": f"Bearer {token.get_secret_value()}"}
