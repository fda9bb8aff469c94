"""Runs roles until they are told to stop: SIGTERM or Ctrl-C ends claiming, brings work under way to its end, leaves."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.bootstrap import Bot, Core, open_bot, open_core, open_executor
from bot.settings import BadSetting, Settings
from bot.slack.errors import SlackNotSetUp
from bot.slack.socket import SocketDoor
from bot.work.worker import Worker

log = structlog.get_logger(__name__)

GRACE_S = 20.0
HAND_BACK_S = 5.0


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: one place decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(settings: Settings, *, executor: bool = True) -> None:
    """Web, Slack and worker in this process, and the executor with `executor`."""
    stop = _stop_on_signals()
    with _listener(settings) as listener:
        await _run(settings, listener, stop, executor=executor)


async def _run(settings: Settings, listener: socket.socket, stop: asyncio.Event, *, executor: bool) -> None:
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings))
        bot = await stack.enter_async_context(open_bot(core))
        workers = [bot.worker]
        if executor:
            workers.append(await stack.enter_async_context(open_executor(core)))
        await _serve(core, bot, workers, listener, stop)


def _listener(settings: Settings) -> socket.socket:
    """Taken before anything else is started: a port that is in use is a setting to mend. Raises `BadSetting`."""
    family = socket.AF_INET6 if ":" in settings.strata_host else socket.AF_INET
    try:
        return socket.create_server((settings.strata_host, settings.strata_port), family=family)
    except OSError as error:
        where = f"{settings.strata_host}:{settings.strata_port}"
        raise BadSetting(f"cannot listen on {where} ({error.strerror}): change STRATA_HOST or STRATA_PORT") from None


async def run_executor(settings: Settings) -> None:
    """The writing half alone."""
    stop = _stop_on_signals()
    async with open_core(settings) as core, open_executor(core) as worker:
        log.info("executor is running")
        await _until(stop, [worker])


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    return stop


async def _serve(core: Core, bot: Bot, workers: list[Worker], listener: socket.socket, stop: asyncio.Event) -> None:
    server = server_for(bot.web, core.settings)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        if bot.socket is not None and not await _connected(bot.socket, stop):
            return
        log.info("strata is running", slack="Socket Mode" if bot.socket else "HTTP", port=listener.getsockname()[1])
        await _until(stop, workers, serving)
    finally:
        if bot.socket is not None:
            await bot.socket.close()
        server.should_exit = True
        await serving


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


async def _until(stop: asyncio.Event, workers: list[Worker], *others: asyncio.Task[None]) -> None:
    """Waits for the signal, or for a part that ended by itself, which is an error."""
    running = [asyncio.create_task(one.run()) for one in workers]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *running, *others], return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    for one in workers:
        one.stop()
    done, late = await asyncio.wait(running, timeout=GRACE_S)
    for task in late:
        task.cancel()  # it hands its jobs back
    if late:
        await asyncio.wait(late, timeout=HAND_BACK_S)
    waiting.cancel()
    for task in done:
        task.result()


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
