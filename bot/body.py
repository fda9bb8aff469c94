"""Reads a request body with a cap, a deadline and a share of memory that all hold while it streams.

Whatever the headers claim: what is read is counted, and what all requests together may hold is bounded. A request for
which there is no room waits unread in its socket; it is not refused, because some senders never ask twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from graphs.errors import StrataError

TRACKER_CAP = 5 * 1024 * 1024
SLACK_CAP = 1024 * 1024
READ_S = 10.0
"""How long a sender may take for one body, once there is room for it."""


class TooLarge(StrataError):
    """The body exceeds the cap; nothing beyond it was read."""


class Encoded(StrataError):
    """The body is compressed; a few bytes could unfold to any size, so it is refused unread."""


class HungUp(StrataError):
    """The sender went away in the middle of the body."""


class TooSlow(StrataError):
    """The body did not arrive in time."""


class Room:
    """Memory for bodies, in bytes, shared by the requests of one kind of door."""

    def __init__(self, size: int = 64 * 1024 * 1024) -> None:
        self._size = size
        self._free = size
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def body(self, request: Request, cap: int) -> AsyncIterator[bytes]:
        """The raw bytes; their room is taken until the block ends. Raises `TooLarge`, `Encoded`, `HungUp`, `TooSlow`.

        The cap must fit into the room.
        """
        wanted = min(_wanted(request, cap), self._size)
        async with self._freed:
            await self._freed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        try:
            # What was declared is what was reserved: whoever sends more is cut off there.
            yield await _read(request, wanted)
        finally:
            async with self._freed:
                self._free += wanted
                self._freed.notify_all()


def _wanted(request: Request, cap: int) -> int:
    """Bytes to reserve: what the sender declares, or the cap where it declares nothing."""
    if any(one.lower() != "identity" for one in request.headers.getlist("content-encoding")):
        raise Encoded("compressed bodies are not accepted")
    declared = request.headers.get("content-length", "")
    # Not `isdigit`: a superscript two is a digit to it, and no number to `int`.
    if not declared.isdecimal():
        return cap
    length = int(declared[:12])
    if length > cap:
        raise TooLarge(f"a body may have {cap} bytes")
    return length


async def _read(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise TooLarge(f"a body may have {most} bytes")
    except ClientDisconnect as error:
        raise HungUp("the connection ended in the middle of the body") from error
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {READ_S:.0f} seconds") from None
    return bytes(body)
