"""The loopback HTTP server: uvicorn as a task inside the caller's event loop, on 127.0.0.1 only.

Owns the socket and the task. Leaves signals to the program around it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.sandbox.github.mishaps import ABORT

HOST = "127.0.0.1"
GRACE_S = 1
TICK_S = 0.1
IDLE_S = 75
"""As long as github.com keeps a connection, so that a client's pool does not race with us."""


class _Breakable(HttpToolsProtocol):
    """Lets the application cut the connection, which ASGI has no word for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][ABORT] = self.transport.abort


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.leave = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """As uvicorn's, but gone at once when told, which hundreds of tests feel."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.leave.wait(), TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Without uvicorn's pause: connections are broken already, requests get a moment to notice."""
        for server in self.servers:
            server.close()
        for one in sockets or ():
            one.close()
        for task in await _still_running(self.server_state.tasks):
            task.cancel()

    def quit(self) -> None:
        """Breaks what is open, as a machine that goes away would."""
        self.should_exit = True
        self.leave.set()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()


async def _still_running(tasks: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    return (await asyncio.wait(set(tasks), timeout=GRACE_S))[1] if tasks else set()


class Loopback:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_server((HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            http=_Breakable,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=IDLE_S,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve([self._socket]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            await self._task

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.quit()
            await self._task
        self._socket.close()
