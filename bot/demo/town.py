"""The stage: local Slack, local GitHub, and the real bot as a process of its own that knows only their addresses.

Owns starting and stopping them. Must not act as anybody: that is `bot.demo.story`.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from bot.sandbox.github.access import Token
from bot.sandbox.github.journal import Call, Effect
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from bot.sandbox.slack.server import LocalSlack
from bot.settings import Engine
from graphs.errors import StrataError
from policies.loader import SHIPPED

CHANNEL = "C01TRIAGE"
INSTALL = "main"
START_S = 60.0
STOP_S = 25.0
BOT_LOGIN = "strata[bot]"


class StageFailed(StrataError):
    """A part of the demo did not start or ended by itself; its last words are in the text."""


@dataclass
class Bot:
    """The bot's process. `start` after `kill` continues on the same record."""

    port: int
    env: Mapping[str, str]
    folder: Path
    arguments: tuple[str, ...] = ("run",)
    process: asyncio.subprocess.Process | None = None
    log: list[str] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None, "start it first"
        return self.process.pid

    async def start(self, **extra: str) -> None:
        """Returns when the bot answers. Raises `StageFailed`."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *self.arguments,
            env={**self.env, **extra},
            cwd=self.folder,  # a `.env` of the developer holds real tokens: the demo must not see it
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read(self.process))
        try:
            async with asyncio.timeout(START_S):
                await self._until_ready(self.process)
        except TimeoutError:
            raise StageFailed(f"the bot did not answer within {START_S:.0f} s\n{self.tail()}") from None

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            while True:
                if process.returncode is not None:
                    await asyncio.sleep(0.1)  # its last lines are still on their way
                    raise StageFailed(f"the bot ended with exit code {process.returncode}\n{self.tail()}")
                try:
                    if (await http.get(f"{self.url}/readyz")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None, "it was opened as a pipe"
        async for line in process.stderr:
            self.log.append(line.decode(errors="replace").rstrip())

    def tail(self, lines: int = 20) -> str:
        """The last lines of the bot's log."""
        return "\n".join(self.log[-lines:])

    async def ended(self) -> int:
        """Waits for the process to end by itself; its exit code."""
        assert self.process is not None, "start it first"
        return await self.process.wait()

    async def stop(self) -> int | None:
        """Asks it to stop and waits; its exit code."""
        if self.process is None:
            return None
        if self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
        code = await self.process.wait()
        if self._reading is not None:
            await self._reading
        return code


class StoryTracker(Protocol):
    """What the story needs of a local tracker: people file tickets, and afterwards the bot is judged by what it did."""

    async def file(self, repo: str, author: str, title: str, body: str | None, /) -> int: ...
    def effects(self, repo: str, number: int, /) -> tuple[Effect, ...]: ...
    def writes(self) -> tuple[Call, ...]: ...
    def writes_on(self, repo: str, number: int, /) -> tuple[Call, ...]: ...
    def duplicate_writes(self) -> tuple[Effect, ...]: ...


class Stage(Protocol):
    """A town with any tracker."""

    @property
    def slack(self) -> LocalSlack: ...
    @property
    def tracker(self) -> StoryTracker: ...
    @property
    def repository(self) -> str: ...
    @property
    def bot(self) -> Bot: ...
    @property
    def bot_login(self) -> str:
        """Under which account the executor writes."""
        ...

    def connect_webhook(self) -> None: ...
    def path_of(self, number: int) -> str:
        """Of a ticket's page."""
        ...


@dataclass(frozen=True)
class Town:
    """Everything that is on the stage with a local GitHub."""

    slack: LocalSlack
    github: LocalGitHub
    repository: str
    bot: Bot
    secret: str
    """Of the webhook."""

    @property
    def tracker(self) -> LocalGitHub:
        return self.github

    @property
    def bot_login(self) -> str:
        return BOT_LOGIN

    def path_of(self, number: int) -> str:
        return f"/{self.repository}/issues/{number}"

    def connect_webhook(self) -> None:
        self.github.add_hook(self.repository, f"{self.bot.url}/hooks/github/{INSTALL}", self.secret)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def open_town(folder: Path, **extra: str) -> AsyncIterator[Town]:
    """Starts Slack and GitHub and prepares the bot; `folder` holds the record. The bot is not running yet."""
    async with LocalSlack() as slack, LocalGitHub() as github:
        repository = demo_repository(github)
        secret, port = secrets.token_hex(16), free_port()
        env = environment(slack, github, repository, folder) | {
            "GITHUB_WEBHOOK_SECRET": secret,
            "STRATA_PORT": str(port),
        }
        bot = Bot(port, {**env, **extra}, folder)
        slack.request_url = f"{bot.url}/slack/events"
        try:
            yield Town(slack, github, repository, bot, secret)
        finally:
            await bot.stop()


def slack_environment(slack: LocalSlack, folder: Path) -> dict[str, str]:
    """The part of the bot's environment that no tracker has a share in."""
    return {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SLACK_API_URL": slack.base_url,
        "SLACK_BOT_TOKEN": slack.workspace.bot_token.get_secret_value(),
        "SLACK_SIGNING_SECRET": slack.workspace.signing_secret.get_secret_value(),
        "SLACK_CHANNEL": CHANNEL,
        "STRATA_DIRECTORY": str(folder),
        "STRATA_ENGINE": Engine.LEXICAL.value,  # the same story on every machine, whatever is installed beside
        "STRATA_SECRET": secrets.token_hex(16),
    }


def owners_known_as(tracker: str, folder: Path, numbers: Mapping[str, int] | None = None) -> Path:
    """A folder of policies with the shipped owners, known in `tracker` by the names they have in GitHub.

    Or by the numbers of those names, where a tracker knows people by numbers.
    """
    folder.mkdir()
    owners = (SHIPPED / "owners.yaml").read_text(encoding="utf-8")
    for name, number in (numbers or {}).items():
        owners = owners.replace(f"{{github: {name}}}", f'{{github: "{number}"}}')
    (folder / "owners.yaml").write_text(owners.replace("{github: ", f"{{{tracker}: "), encoding="utf-8")
    return folder


def environment(slack: LocalSlack, github: LocalGitHub, repository: str, folder: Path) -> dict[str, str]:
    """The bot's whole environment but its port and the webhook's secret: nothing of ours leaks into it."""
    reader = github.grant(Token("strata-reader[bot]", is_app=True, issues="read", repos=[repository]))
    writer = github.grant(Token(BOT_LOGIN, is_app=True, issues="write", repos=[repository]))
    return {
        **slack_environment(slack, folder),
        "GITHUB_API_URL": github.url,
        "GITHUB_WEB_URL": github.url,
        "GITHUB_REPOSITORIES": repository,
        "GITHUB_INSTALL": INSTALL,
        "GITHUB_READ_TOKEN": reader,
        "GITHUB_WRITE_TOKEN": writer,
    }
