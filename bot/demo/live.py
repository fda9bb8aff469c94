"""The demo that people play themselves: doubles, bot and page, kept in a folder, until somebody stops it.

Owns the order of starting and stopping, so that what was decided is written down before anything ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.demo.keeping import Keeper, Kept, locked, restore
from bot.demo.page.app import application
from bot.demo.page.frame import Desk
from bot.demo.page.pulse import changes
from bot.demo.town import Bot, Town, environment, free_port
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import REPOSITORY, demo_repository
from bot.sandbox.slack.server import LocalSlack
from bot.sandbox.slack.serving import LOOPBACK, Serving, listen
from bot.sandbox.stories import prepared
from graphs.errors import StrataError

PORT = 8090
FIRST = ("plain", "hard", "hostile")
"""Filed when there is nothing yet, so that the first look has something to look at."""
SETTLE_S = 5.0

Tell = Callable[[str], None]


class PortTaken(StrataError):
    """The port somebody asked for is in use."""


async def live(folder: Path, tell: Tell, *, port: int | None, reset: bool) -> None:
    """Returns when it was told to stop (Ctrl-C, SIGTERM) and everything has stopped."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    playing = asyncio.create_task(_play(folder, tell, port, stopping, reset=reset))
    asked = asyncio.create_task(stopping.wait())
    await asyncio.wait({playing, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    await playing


async def _play(folder: Path, tell: Tell, port: int | None, stopping: asyncio.Event, *, reset: bool) -> None:
    with locked(folder, reset=reset) as kept:
        listener = _listener(port)
        async with open_kept_town(folder, kept) as (town, keeper):
            tell("Starting…")
            await _start(town, stopping)
            if stopping.is_set():
                return
            async with open_page(town, listener) as url:
                tell(f"Strata demo: {url}\nCtrl-C stops it; the next start continues where this one ended.")
                await _until(stopping, town, keeper)
            tell("Stopping…")


async def _start(town: Town, stopping: asyncio.Event) -> None:
    starting = asyncio.create_task(town.bot.start())
    asked = asyncio.create_task(stopping.wait())
    await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not starting.done():
        starting.cancel()
        return
    await starting
    town.connect_webhook()
    if not town.github.issues(town.repository):
        for story in (prepared()[name] for name in FIRST):
            await town.github.file(town.repository, story.author, story.title, story.body)


async def _until(stopping: asyncio.Event, town: Town, keeper: Keeper) -> None:
    """Writes down every change until somebody says stop."""
    async for _ in changes(town, stopping):
        keeper.keep()


@asynccontextmanager
async def open_kept_town(folder: Path, kept: Kept) -> AsyncIterator[tuple[Town, Keeper]]:
    """As `open_town`, with what was kept. The state is written down once more after the bot has ended."""
    slack, github = LocalSlack(port=_again(kept.slack_port)), LocalGitHub(port=_again(kept.github_port))
    restore(kept, slack, github)
    async with slack, github:
        repository = REPOSITORY if github.world.repositories() else demo_repository(github)
        secret, port = secrets.token_hex(16), free_port()
        env = environment(slack, github, repository, folder)
        env |= {"GITHUB_WEBHOOK_SECRET": secret, "STRATA_PORT": str(port), "STRATA_SECRET": kept.seal}
        bot = Bot(port, env, folder)
        slack.request_url = f"{bot.url}/slack/events"
        town = Town(slack, github, repository, bot, secret)
        keeper = Keeper(folder, kept.seal, town)
        keeper.keep()
        try:
            yield town, keeper
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_S):
                    await github.settle()
        finally:
            await bot.stop()
            keeper.keep()


@asynccontextmanager
async def open_page(town: Town, listener: socket.socket) -> AsyncIterator[str]:
    """The page on its port; its streams end when it closes."""
    closing = asyncio.Event()
    serving = Serving(application(Desk(town), closing), listener)
    await serving.ready()
    try:
        yield f"http://{LOOPBACK}:{serving.port}/"
    finally:
        closing.set()
        await serving.stop()


def _listener(port: int | None) -> socket.socket:
    """The port that was asked for; else the usual one, or any when another program has it."""
    try:
        return listen(PORT if port is None else port)
    except OSError:
        if port is None:
            return listen()
        raise PortTaken(f"port {port} is in use: choose another with --port") from None


def _again(port: int) -> int:
    """The same port as last time if it is free still; links of the record lead there."""
    try:
        with socket.create_server((LOOPBACK, port)):
            return port
    except OSError:
        return 0
