"""Runs roles until they are told to stop: SIGTERM or Ctrl-C ends claiming, brings work under way to its end, leaves."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.bootstrap.core import open_core
from bot.bootstrap.process import Process, open_process
from bot.roles import Role
from bot.settings import BadSetting, Settings
from bot.slack.errors import SlackNotSetUp
from bot.slack.socket import SocketDoor
from bot.work.running import Runs
from graphs.errors import Outage

log = structlog.get_logger(__name__)

GRACE_S = 20.0
HAND_BACK_S = 5.0


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: one place decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(settings: Settings, roles: frozenset[Role], port: int | None) -> None:
    """Runs `roles` in this process, listening on `port` where there is one."""
    stop = _stop_on_signals()
    listener = None if port is None else _listener(settings.strata_host, port)
    try:
        async with open_core(settings) as core, open_process(core, roles) as process:
            await _serve(process, settings, roles, listener, stop)
    finally:
        if listener is not None:
            listener.close()


def _listener(host: str, port: int) -> socket.socket:
    """Taken before anything else is started: a port that is in use is a setting to mend. Raises `BadSetting`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        fix = "change STRATA_HOST, STRATA_PORT or --health-port"
        raise BadSetting(f"cannot listen on {host}:{port} ({why}): {fix}") from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what it accepts inherits it
    return listener


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    return stop


async def _serve(
    process: Process,
    settings: Settings,
    roles: frozenset[Role],
    listener: socket.socket | None,
    stop: asyncio.Event,
) -> None:
    server = server_for(process.web, settings)
    serving = [] if listener is None else [asyncio.create_task(server.serve(sockets=[listener]))]
    try:
        if process.socket is not None and not await _connected(process.socket, stop):
            return
        slack = {"slack": "Socket Mode" if process.socket else "HTTP"} if Role.WEB in roles else {}
        port = {"port": listener.getsockname()[1]} if listener else {}
        log.info("strata is running", roles=" ".join(sorted(roles)), **slack, **port)
        await _until(stop, process.runs, serving)
    finally:
        if process.socket is not None:
            await process.socket.close()
        server.should_exit = True
        await asyncio.gather(*serving)


async def _connected(door: SocketDoor, stop: asyncio.Event) -> bool:
    """Whether Slack is on the line; False when the signal came first. Raises `BadSetting`, `Outage`."""
    connecting, waiting = asyncio.create_task(door.connect()), asyncio.create_task(stop.wait())
    done, late = await asyncio.wait([connecting, waiting], return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    if connecting not in done:
        return False
    try:
        connecting.result()
    except SlackNotSetUp as error:
        raise BadSetting(str(error)) from None
    return True


async def _until(stop: asyncio.Event, runs: tuple[Runs, ...], serving: list[asyncio.Task[None]]) -> None:
    """Waits for the signal. Raises what a part ended with, and `Outage` where one ended by itself."""
    running = [asyncio.create_task(one.run()) for one in runs]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *running, *serving], return_when=asyncio.FIRST_COMPLETED)
    asked = stop.is_set()
    log.info("stopping")
    for one in runs:
        one.stop()
    done, late = await asyncio.wait(running, timeout=GRACE_S)
    for task in late:
        task.cancel()  # it hands its jobs back
    if late:
        await asyncio.wait(late, timeout=HAND_BACK_S)
    waiting.cancel()
    for task in done:
        task.result()
    if not asked:
        raise Outage("a part of the program ended by itself; what it said is above")


def server_for(app: Starlette, settings: Settings) -> Server:
    config = uvicorn.Config(
        app,
        host=settings.strata_host,
        port=settings.strata_port,
        http="httptools",
        log_config=None,  # its lines go through our redactor like all others
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return Server(config)
