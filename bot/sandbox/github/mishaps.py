"""Answers that go wrong on the wire: broken, hanging, dripping, huge or cut off.

Owns how a `faults.Mishap` looks to the client. Must not decide when it strikes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.sandbox.github.faults import Break, Delay, Garbage, Hang, HugeBody, Mishap, Reply, SlowBody

ABORT = "sandbox.abort"
"""Key in the ASGI scope's state under which `server` puts the connection's off switch."""
CHUNK = b" " * 65_536


class Broken(Response):
    """Cuts the connection without a byte of answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI gives it
        scope["state"][ABORT]()
        await _gone(receive)


class HungUp(Response):
    """Never answers; ends when the client gives up or `release` is set, then by cutting the connection."""

    def __init__(self, release: asyncio.Event) -> None:
        super().__init__()
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI gives it
        waits = {asyncio.ensure_future(self._release.wait()), asyncio.ensure_future(_gone(receive))}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        scope["state"][ABORT]()
        for one in waits:
            one.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def spoilt(mishap: Mishap | None, response: Response, release: asyncio.Event) -> Response:
    """The response as the client will get it."""
    match mishap:
        case Break():
            return Broken()
        case Hang():
            return HungUp(release)
        case SlowBody(pause_s):
            return _stream(response, _drip(bytes(response.body), pause_s))
        case HugeBody(size):
            return _stream(response, _pad(bytes(response.body), size))
        case Garbage():
            half = bytes(response.body)[: len(response.body) // 2]
            return Response(half, response.status_code, _without_length(response))
        case Reply() | Delay() | None:
            return response


def _stream(response: Response, chunks: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(chunks, response.status_code, _without_length(response))


def _without_length(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "content-length"}


async def _drip(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for at in range(len(body)):
        yield body[at : at + 1]
        await asyncio.sleep(pause_s)


async def _pad(body: bytes, size: int) -> AsyncIterator[bytes]:
    for _ in range(size // len(CHUNK)):
        yield CHUNK
    yield body
