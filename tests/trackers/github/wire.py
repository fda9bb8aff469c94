"""A server that answers with exactly the bytes a test wrote, and remembers the bytes it was sent.

For what a well-behaved server library cannot do: break off, drip, redirect, lie about lengths. Loopback only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.trackers.github.site import GitHubSite


class Then(Enum):
    HANG_UP = auto()
    WAIT = auto()
    """Say nothing until the client goes away."""
    DRIP = auto()
    """Small chunks, steadily, until the client goes away."""


Script = Sequence[bytes | Then]
"""Pieces to send one after the other; without a `Then` at the end the connection stays open for the next request."""


def reply(status: str, body: bytes = b"", **headers: str) -> list[bytes]:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ["\r\n".join([*lines, "", ""]).encode() + body]


@dataclass
class Wire:
    scripts: list[Script]
    """One for each request, in order; when they run out, the connection is closed without an answer."""
    requests: list[str] = field(default_factory=list)
    site: GitHubSite = field(default_factory=GitHubSite)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The client hanging up first, or the test ending, is part of the plan.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer_one(reader, writer):
                pass
        writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(one[15:]) for one in head.lower().splitlines() if one.startswith("content-length:")), 0)
        self.requests.append(head + (await reader.readexactly(length)).decode())
        for piece in self.scripts.pop(0) if self.scripts else [Then.HANG_UP]:
            if isinstance(piece, Then):
                await _end(piece, reader, writer)
                return False
            writer.write(piece)
            await writer.drain()
        return True


async def _end(how: Then, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if how is Then.WAIT:
        await reader.read()
    while how is Then.DRIP:
        writer.write(b"1\r\nx\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def wire(*scripts: Script) -> AsyncIterator[Wire]:
    told = Wire(list(scripts))
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    told.site = GitHubSite(web=f"http://127.0.0.1:{port}", api=f"http://127.0.0.1:{port}")
    try:
        yield told
    finally:
        server.close()
