"""Speaks to a web application byte by byte, so that a test can lie about lengths and send what no client would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message


@dataclass
class Reply:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces_read: int = 0
    """How many pieces of the body the application asked for."""

    def json(self) -> object:
        return json.loads(self.body)


class HungUp(Exception):  # the sender did
    """Not raised: put among the pieces, it ends the connection in the middle of the body."""


class HeldBack(Exception):  # by the sender
    """Not raised: put among the pieces, nothing more ever comes."""


async def ask(
    app: ASGIApp,
    path: str,
    pieces: Iterable[bytes | type[HungUp | HeldBack]] = (),
    headers: Iterable[tuple[bytes, bytes]] = (),
    method: str = "POST",
) -> Reply:
    """One request. Raises whatever the application lets escape, as a server would log it."""
    reply, left = Reply(), list(pieces)

    async def receive() -> Message:
        reply.pieces_read += 1
        piece = left.pop(0) if left else b""
        if piece is HeldBack:
            await asyncio.Event().wait()
        if not isinstance(piece, bytes):
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            reply.body += message.get("body", b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)
    return reply
