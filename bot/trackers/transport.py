"""How a request reaches a tracker and how its answer comes back, the same for every vendor.

Owns time limits, the size cap, the headers and the credential's way into them. One `Transport` carries one credential.
It follows no redirect and goes to no private address that nobody allowed, so a token never leaves the address it was
configured for, and it repeats no write: after a
broken connection nobody knows whether the write took place, and the caller must read back. Writes go one after the
other, as trackers ask of everybody.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urlsplit

import httpx
from pydantic import JsonValue, SecretStr

from bot.address import LOOPBACK, Network
from bot.trackers.answers import Answer
from bot.trackers.inner import Guard
from graphs.errors import RateLimited, TrackerError, TrackerRefused, TrackerRejected, TrackerUnavailable

_LOST = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout)
"""The connection went away; a read may be asked again."""
_LONGEST_QUEUE_S = 5.0


class Credential(Protocol):
    """One token and what it may do; never shared between the reading and the writing half."""

    async def token(self) -> SecretStr | None:
        """None: ask as anybody could. Raises `graphs.errors.TrackerError` when there is none to be had."""
        ...

    def forget(self) -> None:
        """The tracker refused the token: do not hand it out again from a cache."""
        ...


class Budget(Protocol):
    """How often one install may ask."""

    async def spend(self, method: str, path: str) -> None:
        """Raises `graphs.errors.RateLimited` before anything was sent."""
        ...

    async def told_to_wait(self, seconds: float) -> None:
        """The tracker said so itself."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs from vendor to vendor on the wire."""

    headers: Callable[[SecretStr | None], Mapping[str, str]]
    """Beside `user-agent` and `accept-encoding`; the token is one that a header can carry. None: nobody."""
    refusal: Callable[[Answer, float], TrackerError | None]
    """The error an answer stands for; the time is in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Limits:
    answer_bytes: int = 5 * 1024 * 1024
    connect_s: float = 5.0
    silence_s: float = 10.0
    """Longest pause between two pieces of an answer."""
    whole_s: float = 20.0
    """Longest call, however steadily the answer trickles in."""


@asynccontextmanager
async def open_http(
    api: str, limits: Limits | None = None, allowed: Sequence[Network] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """The connection pool that transports share. It holds no credential.

    `allowed`: private networks that a tracker may stand in. Loopback, where it is named so, needs no leave.
    """
    bounds = limits or Limits()
    timeout = httpx.Timeout(bounds.silence_s, connect=bounds.connect_s)
    # A proxy of the environment is for the outside world only; on loopback it would see our tests' tokens.
    outside = not is_local(api)
    async with httpx.AsyncClient(
        timeout=timeout,
        follow_redirects=False,
        trust_env=outside,
        verify=_authorities(api.startswith("https:")),
        event_hooks={"request": [Guard(allowed)] if outside else []},
    ) as http:
        yield http


@cache
def _authorities(known: bool) -> ssl.SSLContext:  # noqa: FBT001  # positional, for the cache
    """Whom a connection's certificate may be signed by, read once a process: reading them takes 15 ms and 1 MB.

    A plain address needs none: no redirect is followed, and nobody is trusted if one were.
    """
    return httpx.create_ssl_context() if known else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Transport:
    """Sends one request at a time of the caller and hands back an answer that is a success, or raises."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        api: str,
        dialect: Dialect,
        credential: Credential,
        limits: Limits | None = None,
        wall: Callable[[], float] = time.time,
        budget: Budget | None = None,
    ) -> None:
        self._http = http
        self._api = api
        self._dialect = dialect
        self._credential = credential
        self._limits = limits or Limits()
        self._wall = wall
        self._budget = budget
        self._writing = asyncio.Lock()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Raises a `TrackerError`. Asked a second time where the connection broke: reading changes nothing."""
        try:
            return await self._once("GET", path, params=params)
        except _LostConnection:
            return await self._once("GET", path, params=params)

    async def ask(self, path: str, body: JsonValue) -> Answer:
        """A question that travels as a POST, as GraphQL's do. Raises a `TrackerError`; asked again as `get` is."""
        try:
            return await self._once("POST", path, body=body)
        except _LostConnection:
            return await self._once("POST", path, body=body)

    async def write(self, method: str, path: str, body: JsonValue = None) -> Answer:
        """Raises a `TrackerError`; `TrackerUnavailable` leaves the outcome open. Sent once."""
        start = time.monotonic()
        async with self._writing:
            if time.monotonic() - start > _LONGEST_QUEUE_S:
                # The caller made sure of its lease before it called; by now that may have run out.
                raise RateLimited(f"{method} {path}: not sent, the writes before it took too long", 0.0)
            return await self._once(method, path, body=body)

    async def _once(
        self, method: str, path: str, params: Mapping[str, str] | None = None, body: JsonValue = None
    ) -> Answer:
        if self._budget is not None:
            await self._budget.spend(method, path)
        headers = self._headers(await self._credential.token())
        call = f"{method} {path}"
        try:
            request = self._http.build_request(method, f"{self._api}{path}", params=params, json=body, headers=headers)
        except ValueError:
            raise TrackerRejected(f"{call}: not sent, the text holds characters that JSON cannot carry") from None
        answer = await self._exchange(request, call)
        error = self._dialect.refusal(answer, self._wall())
        if error is None:
            return answer
        if answer.status == httpx.codes.UNAUTHORIZED:
            self._credential.forget()
        if isinstance(error, RateLimited) and self._budget is not None:
            await self._budget.told_to_wait(error.retry_after_s)
        raise error

    def _headers(self, token: SecretStr | None) -> dict[str, str]:
        if token is not None:
            secret = token.get_secret_value()
            if not (secret.isascii() and secret.isprintable() and secret.strip() == secret and secret):
                raise TrackerRefused("the tracker's token has characters in it that no token has: paste it again")
        own = {"accept-encoding": "identity", "user-agent": f"strata/{_version()}"}
        return {**self._dialect.headers(token), **own}

    async def _exchange(self, request: httpx.Request, call: str) -> Answer:
        try:
            async with asyncio.timeout(self._limits.whole_s):
                response = await self._http.send(request, stream=True, follow_redirects=False)
                try:
                    body = await self._body(response, call)
                finally:
                    await response.aclose()
        except _LOST as error:
            raise _LostConnection(f"{call}: the connection broke ({type(error).__name__})") from error
        except (TimeoutError, httpx.HTTPError) as error:
            # The type says enough; the text of a protocol error can quote a header.
            raise TrackerUnavailable(f"{call}: no answer ({type(error).__name__})") from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(call=call, status=response.status_code, headers=headers, body=body)

    async def _body(self, response: httpx.Response, call: str) -> bytes:
        """Asked for uncompressed and taken only so: the cap counts what arrives and no bomb can unfold."""
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise TrackerUnavailable(f"{call}: a compressed answer although none was asked for")
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > self._limits.answer_bytes:
                raise TrackerUnavailable(f"{call}: the answer is larger than {self._limits.answer_bytes} bytes")
        return bytes(body)


class _LostConnection(TrackerUnavailable):
    """Told apart inside this module only."""


def is_local(api: str) -> bool:
    return urlsplit(api).hostname in LOOPBACK


def _version() -> str:
    try:
        return version("strata")
    except PackageNotFoundError:  # run from a source tree that nobody installed
        return "0"
