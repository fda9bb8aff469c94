"""The real bot in this process, beside a local Slack and a local GitHub."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import uvicorn
from pydantic import SecretStr

from bot.bootstrap import Bot, Core, open_bot, open_core, open_executor
from bot.sandbox.github.access import Token
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.server import LocalSlack
from bot.serve import server_for
from bot.settings import Engine, Settings

CHANNEL = "C01TRIAGE"
ON_DUTY, ML_LEAD, PRODUCT_LEAD, GUEST, STRANGER, GONE = (
    "U01ONDUTY",
    "U02MLLEAD",
    "U04PRODLEAD",
    "U06GUEST",
    "U07STRANGER",
    "U08GONE",
)
BOT = "strata[bot]"
HOOK_SECRET = "hook-secret-for-tests"
TITLE = "Search returns chunks of deleted files"
BODY = "The index keeps embeddings of files that were removed. Citations point to pages that are gone."
T = TypeVar("T")


@dataclass
class Stage:
    slack: LocalSlack
    github: LocalGitHub
    repo: str
    core: Core
    bot: Bot
    url: str

    async def file(self, title: str = TITLE, body: str = BODY, author: str = "reporter-1") -> int:
        return await self.github.file(self.repo, author, title, body)

    def cards(self) -> list[Message]:
        return [one for one in self.slack.messages(CHANNEL) if one.metadata]

    def card(self, number: int) -> Message | None:
        link = f"/{self.repo}/issues/{number}'"
        return next((one for one in self.cards() if link in repr(one.blocks[:1])), None)

    async def card_for(self, number: int) -> Message:
        return await self.slack.until(lambda: self.card(number), 30)

    async def file_and_wait(self, title: str = TITLE, body: str = BODY) -> tuple[int, Message]:
        number = await self.file(title, body)
        return number, await self.card_for(number)

    async def approve(self, card: Message, user: str = ON_DUTY) -> None:
        outcome = await self.slack.click(user, CHANNEL, card.ts, "approve", seen=card)
        assert outcome.acked, outcome.error

    async def card_says(self, card: Message, *words: str) -> str:
        """Waits until the card shows all of the words."""

        def look() -> str | None:
            text = self.slack.message(CHANNEL, card.ts).all_text
            return text if all(word in text for word in words) else None

        return await self.slack.until(look, 30)

    async def told(self, user: str, *words: str) -> str:
        """Waits for a message that only this person sees."""

        def look() -> str | None:
            texts = [one.all_text for one in self.slack.ephemerals(user)]
            return next((text for text in texts if all(word in text for word in words)), None)

        return await self.slack.until(look, 30)

    async def form(self, user: str, card: Message, action: str) -> str:
        """Presses until the form opens: somebody new is asked to press again."""
        for _ in range(50):
            outcome = await self.slack.click(user, CHANNEL, card.ts, action)
            assert outcome.acked, outcome.error
            views = await self.slack.until(lambda: self.slack.open_views(user), 10)
            if views[-1].body.get("callback_id") == f"{action}_form":
                return views[-1].id
            await self.slack.close_view(user, views[-1].id)
            await asyncio.sleep(0.05)
        raise AssertionError(f"the {action} form did not open")

    async def quiet(self, timeout_s: float = 60) -> None:
        """Waits until no work is left, except what is due later (expiry)."""
        await self.github.settle()
        async with asyncio.timeout(timeout_s):
            while True:
                async with self.core.record.read() as tx:
                    if await tx.jobs.due() == 0:
                        return
                await asyncio.sleep(0.02)

    def effects(self, number: int) -> list[tuple[str, str]]:
        return [(one.what, one.value) for one in self.github.effects(self.repo, number)]


@asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    socket_mode: bool = False,
    executor: bool = True,
    change: Callable[[Settings], Settings] | None = None,
) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack())
        github = await stack.enter_async_context(LocalGitHub())
        repo = demo_repository(github)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))  # held: nobody else can take the port
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        given = settings_for(slack, github, repo, folder, socket_mode=socket_mode)
        settings = given.model_copy(update={"strata_port": listener.getsockname()[1]})
        core = await stack.enter_async_context(open_core(change(settings) if change else settings))
        bot = await stack.enter_async_context(open_bot(core))
        workers = [bot.worker]
        if executor:
            workers.append(await stack.enter_async_context(open_executor(core)))
        running = [asyncio.create_task(one.run()) for one in workers]
        server = server_for(bot.web, core.settings)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await _listening(server)
        url = f"http://127.0.0.1:{core.settings.strata_port}"
        slack.request_url = None if socket_mode else f"{url}/slack/events"
        if bot.socket is not None:
            await bot.socket.connect()
        github.add_hook(repo, f"{url}/hooks/github/main", HOOK_SECRET)
        try:
            yield Stage(slack, github, repo, core, bot, url)
        finally:
            for one in workers:
                one.stop()
            if bot.socket is not None:
                await bot.socket.close()
            server.should_exit = True
            await asyncio.gather(serving, *running)


async def _listening(server: uvicorn.Server) -> None:
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110  # uvicorn offers a flag, not an event
            await asyncio.sleep(0.01)


def settings_for(slack: LocalSlack, github: LocalGitHub, repo: str, folder: Path, *, socket_mode: bool) -> Settings:
    reader = github.grant(Token("strata-reader[bot]", is_app=True, issues="read", repos=[repo]))
    writer = github.grant(Token(BOT, is_app=True, issues="write", repos=[repo]))
    return Settings(
        _env_file=None,  # a developer's real tokens have no business here
        slack_api_url=slack.base_url,
        slack_bot_token=slack.workspace.bot_token,
        slack_app_token=slack.workspace.app_token if socket_mode else None,
        slack_signing_secret=None if socket_mode else slack.workspace.signing_secret,
        slack_channel=CHANNEL,
        github_api_url=github.url,
        github_web_url=github.url,
        github_repositories=(repo,),
        github_read_token=SecretStr(reader),
        github_write_token=SecretStr(writer),
        github_webhook_secret=SecretStr(HOOK_SECRET),
        strata_directory=folder,
        strata_engine=Engine.LEXICAL,
        strata_secret=SecretStr("a-secret-for-tests-only"),
        strata_concurrency=8,
    )
