"""Web and worker in one process, the two halves that need no write credential."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from bot.bootstrap.agent import open_worker
from bot.bootstrap.core import Core
from bot.bootstrap.slack import open_slack
from bot.bootstrap.web import open_doors
from bot.slack.socket import SocketDoor
from bot.work.worker import Worker


@dataclass(frozen=True)
class Bot:
    """The agent's half: intake, Slack, worker. Holds no write credential."""

    worker: Worker
    web: Starlette
    slack: AsyncApp
    socket: SocketDoor | None


@asynccontextmanager
async def open_bot(core: Core) -> AsyncIterator[Bot]:
    """Raises `bot.settings.BadSetting` when Slack does not know the token."""
    slack = await open_slack(core)
    async with open_worker(core, slack) as worker:
        doors = open_doors(core, slack)
        yield Bot(worker=worker, web=doors.app, slack=doors.slack, socket=doors.socket)
