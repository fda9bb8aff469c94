"""The real bot in this process, put before whatever Slack and GitHub its settings name."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from bot.bootstrap import Bot, Core, open_bot, open_core, open_executor
from bot.record.inbox import Outcome
from bot.serve import server_for
from bot.settings import Engine, Settings

CHANNEL = "C01TRIAGE"
ON_DUTY, ML_LEAD, PRODUCT_LEAD, STRANGER = "U01ONDUTY", "U02MLLEAD", "U04PRODLEAD", "U07STRANGER"
HOOK_SECRET = "hook-secret-for-tests"
TITLE = "Search returns chunks of deleted files"
BODY = "The index keeps embeddings of files that were removed. Citations point to pages that are gone."
Found = TypeVar("Found")


@dataclass(frozen=True)
class Running:
    core: Core
    bot: Bot
    url: str

    @property
    def hook(self) -> str:
        return f"{self.url}/hooks/github/main"

    async def outcomes(self) -> dict[tuple[str, Outcome], int]:
        """What became of GitHub's deliveries."""
        async with self.core.record.read() as tx:
            return await tx.inbox.outcomes("github")

    async def quiet(self) -> None:
        """Waits until no work is left, except what is due later (expiry)."""

        async def look() -> bool:
            async with self.core.record.read() as tx:
                return await tx.jobs.due() == 0

        await until(look)


async def until(look: Callable[[], Awaitable[Found | None]], timeout_s: float = 30) -> Found:
    """Asks again and again until there is something; by polling, because others' servers tell nobody."""
    async with asyncio.timeout(timeout_s):
        while not (found := await look()):  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.02)
    return found


def base_settings(folder: Path) -> Settings:
    """What every stage has in common; nothing of a developer's own settings leaks in."""
    return Settings(
        _env_file=None,
        slack_channel=CHANNEL,
        github_webhook_secret=SecretStr(HOOK_SECRET),
        strata_directory=folder,
        strata_engine=Engine.LEXICAL,
        strata_secret=SecretStr("a-secret-for-tests-only"),
        strata_port=0,
    )


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[Running]:
    async with AsyncExitStack() as stack:
        # Held from here on: nobody else can take the port.
        listener = stack.enter_context(socket.create_server(("127.0.0.1", settings.strata_port)))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port: int = listener.getsockname()[1]
        settings = settings.model_copy(update={"strata_port": port})
        core = await stack.enter_async_context(open_core(settings))
        bot = await stack.enter_async_context(open_bot(core))
        workers = [bot.worker, await stack.enter_async_context(open_executor(core))]
        working = [asyncio.create_task(one.run()) for one in workers]
        server = server_for(bot.web, settings)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110  # uvicorn offers a flag, not an event
                await asyncio.sleep(0.01)
        if bot.socket is not None:
            await bot.socket.connect()
        try:
            yield Running(core, bot, f"http://127.0.0.1:{port}")
        finally:
            for one in workers:
                one.stop()
            if bot.socket is not None:
                await bot.socket.close()
            server.should_exit = True
            await asyncio.gather(serving, *working)
