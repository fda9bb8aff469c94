"""An ASGI application on a loopback port inside the caller's own event loop, up and down without polling."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.sandbox.slack.cutting import CuttableProtocol

LOOPBACK = "127.0.0.1"
BACKLOG = 2048
GRACE_S = 1


class _GuestServer(uvicorn.Server):
    """Leaves the signals to the owner of the loop, says when it listens, and stops the moment it is asked to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.leaving = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    async def main_loop(self) -> None:
        await self.leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's own order, waiting for what runs instead of for tenths of a second."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if running := list(self.server_state.tasks):
            _, late = await asyncio.wait(running, timeout=GRACE_S)
            for task in late:
                task.cancel()


class Serving:
    """One running application; `port` is known before the first request can come."""

    def __init__(self, application: ASGIApp, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        config = uvicorn.Config(
            application,
            http=CuttableProtocol,
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
        )
        self._server = _GuestServer(config)
        self._running = asyncio.create_task(self._server.serve(sockets=[listener]), name=f"serving {self.port}")

    async def ready(self) -> None:
        await self._server.ready.wait()

    async def stop(self) -> None:
        self._server.leaving.set()
        await self._running


def listen(port: int = 0) -> socket.socket:
    listener = socket.create_server((LOOPBACK, port), backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
