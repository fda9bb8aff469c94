"""Socket Mode from the server's side: tickets, hello, envelopes, acknowledgements, refresh, several connections."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.sandbox.slack.narrow import Json, as_object, as_text, decode_object
from bot.sandbox.slack.world import World

CONNECTION_LIMIT = 10
LIFETIME_S = 3600


@dataclass(eq=False)
class Connection:
    socket: WebSocket
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    greeted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_open(self) -> bool:
        return self.socket.application_state is WebSocketState.CONNECTED

    def fail_waiting(self) -> None:
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the socket closed before an acknowledgement"))
        self.waiting.clear()


@dataclass
class SocketHub:
    """All connections of the app; Slack picks any one of them for each envelope."""

    world: World
    connections: list[Connection] = field(default_factory=list)
    _turn: int = 0

    @property
    def connected(self) -> int:
        return len(self.connections)

    async def serve(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self.world.socket_tickets or self.connected >= CONNECTION_LIMIT:
            await socket.close(code=1008)
            return
        self.world.socket_tickets.discard(ticket)
        await socket.accept()
        connection = Connection(socket)
        self.connections.append(connection)
        await socket.send_text(json.dumps(self._hello()))
        connection.greeted.set()
        self.world.changes.announce()
        # RuntimeError: this side closed the socket while the loop was waiting.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                _settle(connection, decode_object(await socket.receive_text()))
        self._forget(connection)

    async def send(self, kind: str, payload: Json, *, retry_attempt: int = 0, retry_reason: str = "") -> Json:
        """Send one envelope and wait for its acknowledgement; the answer is the acknowledgement's payload."""
        connection = self._next()
        envelope_id = secrets.token_hex(16)
        envelope: Json = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        try:
            await connection.greeted.wait()
            await connection.socket.send_text(json.dumps(envelope))
            return await answer
        except (WebSocketDisconnect, RuntimeError) as error:
            raise ConnectionError("the socket is gone") from error
        finally:
            connection.waiting.pop(envelope_id, None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to reconnect, then close it: what Slack does about once an hour."""
        for connection in list(self.connections):
            note: Json = {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
            await connection.socket.send_text(json.dumps(note))
            await self._close(connection)

    async def drop(self) -> None:
        """Close every connection without a word."""
        for connection in list(self.connections):
            await self._close(connection)

    async def _close(self, connection: Connection) -> None:
        self._forget(connection)
        if connection.is_open:
            await connection.socket.close()

    def _next(self) -> Connection:
        if not self.connections:
            raise ConnectionError("no socket is connected")
        self._turn += 1
        return self.connections[self._turn % len(self.connections)]

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        connection.fail_waiting()
        self.world.changes.announce()

    def _hello(self) -> Json:
        debug: Json = {"host": "local", "build_number": 1, "approximate_connection_time": LIFETIME_S}
        app: Json = {"app_id": self.world.workspace.app_id}
        return {"type": "hello", "num_connections": self.connected, "debug_info": debug, "connection_info": app}


def _settle(connection: Connection, received: Json) -> None:
    """An acknowledgement wakes its sender; one for an unknown or timed-out envelope is ignored, as Slack does."""
    answer = connection.waiting.get(as_text(received.get("envelope_id")))
    if answer and not answer.done():
        payload = received.get("payload")
        answer.set_result({"text": payload} if isinstance(payload, str) else as_object(payload))
