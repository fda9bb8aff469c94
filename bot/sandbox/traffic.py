"""How many bytes an application of the sandbox received and sent: heads and bodies, without what TCP and TLS add."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LINE = 4
"""`: ` and the line's end."""
_STATUS = 17
"""`HTTP/1.1 200 OK` and the line's end."""


@dataclass
class Traffic:
    """Of all requests so far."""

    received: int = 0
    sent: int = 0


def metered(app: ASGIApp, traffic: Traffic) -> ASGIApp:
    """The same application; websockets are not counted."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        traffic.received += _STATUS + len(scope["raw_path"]) + len(scope["query_string"]) + _head(scope["headers"])

        async def received() -> Message:
            message = await receive()
            traffic.received += len(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            traffic.sent += len(message.get("body", b""))
            if message["type"] == "http.response.start":
                traffic.sent += _STATUS + _head(message["headers"])
            await send(message)

        await app(scope, received, sent)

    return counting


def _head(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + _LINE for name, value in headers)
