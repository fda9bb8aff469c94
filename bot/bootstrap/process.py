"""Opens the roles of one process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from bot.bootstrap.agent import open_worker
from bot.bootstrap.core import Core
from bot.bootstrap.executor import open_executor
from bot.bootstrap.readiness import readiness
from bot.bootstrap.scheduler import open_scheduler
from bot.bootstrap.slack import open_slack
from bot.bootstrap.web import Doors, open_doors
from bot.intake import web
from bot.intake.hooks import Hooks
from bot.roles import Role
from bot.slack.socket import SocketDoor
from bot.work.running import Runs


@dataclass(frozen=True)
class Process:
    """What runs until the process is told to stop."""

    runs: tuple[Runs, ...]
    web: Starlette
    """The doors; in a process without the web role only what it says of its health."""
    socket: SocketDoor | None


@asynccontextmanager
async def open_process(core: Core, roles: frozenset[Role]) -> AsyncIterator[Process]:
    """Raises `bot.settings.BadSetting`, `graphs.errors.Outage`."""
    runs: list[Runs] = [core.pause]
    doors: Doors | None = None
    async with AsyncExitStack() as stack:
        if roles & {Role.WEB, Role.WORKER}:
            slack = await open_slack(core)
            if Role.WORKER in roles:
                runs.append(await stack.enter_async_context(open_worker(core, slack)))
            if Role.WEB in roles:
                doors = open_doors(core, slack)
        if Role.EXECUTOR in roles:
            runs.append(await stack.enter_async_context(open_executor(core)))
        if Role.SCHEDULER in roles:
            runs.append(await stack.enter_async_context(open_scheduler(core)))
        app = doors.app if doors else web.build(Hooks({}), readiness(core))
        yield Process(tuple(runs), app, doors.socket if doors else None)
