"""Breaking a connection without an answer, which ASGI has no word for: the transport is handed down in the scope."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "local_slack.transport"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that tells the application which connection it is answering on."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


class Cut:
    """Answers nothing and resets the connection."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        transport: asyncio.Transport = scope["extensions"][TRANSPORT]["transport"]
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
