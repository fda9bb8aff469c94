"""A bot of the crash tests: started by the forker, killed, put to sleep and woken, watched until it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol, Self

import httpx

from tests.crash.forker import Request, write_end

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 60.0
LOOK_S = 0.02
KILLED = -signal.SIGKILL
"""Also how a bot ends that was armed with a crash point."""


class Forker:
    """The process that forks bots; one for each xdist worker."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.forker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._said() == "ready"
        return self

    def fork(self, request: Request) -> int:
        """The process id of a new bot."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(request.model_dump_json() + "\n")
        self._process.stdin.flush()
        return int(self._said())

    def stop(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=30)

    def _said(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the forker has ended; what it said is above"
        return line.strip()


class Starter(Protocol):
    """Brings a bot to life."""

    def fork(self, request: Request) -> int: ...


class Outright:
    """Starts `python -m bot` itself, for the tests in which nothing may stand between."""

    def fork(self, request: Request) -> int:
        with Path(request.log).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", *request.arguments],
                env=request.environment,
                cwd=request.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        threading.Thread(target=lambda: write_end(Path(request.ended), process.wait()), daemon=True).start()
        return process.pid


@dataclass
class BotProcess:
    """One role of the bot. `start` after its end continues on the same record."""

    forker: Starter
    folder: Path
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ("run",)
    url: str | None = None
    """Where it answers, for a role that listens."""
    pid: int | None = None
    _ended: Path | None = None
    _log: Path | None = None
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def launch(self, *, sleeps: bool = False, passes: int = 0, clock_s: float = 0.0, **extra: str) -> None:
        """Starts the process and does not wait for it."""
        assert not self.running, "it runs already"
        name = f"{self.arguments[0]}-{id(self)}-{next(self._numbers)}"
        self._ended, self._log = self.folder / f"{name}.ended", self.folder / f"{name}.log"
        request = Request(
            arguments=self.arguments,
            environment={**self.environment, **extra},
            folder=str(self.folder),
            log=str(self._log),
            ended=str(self._ended),
            sleeps=sleeps,
            passes=passes,
            clock_s=clock_s,
        )
        self.pid = self.forker.fork(request)

    async def start(self, *, sleeps: bool = False, passes: int = 0, **extra: str) -> None:
        """Starts the process and waits until it answers, or has ended."""
        self.launch(sleeps=sleeps, passes=passes, clock_s=0.0, **extra)
        if self.url is None:
            return
        async with asyncio.timeout(STARTS_WITHIN_S), _client() as http:
            while self.running and not await _answers(http, f"{self.url}/readyz"):  # noqa: ASYNC110  # another process's doing
                await asyncio.sleep(LOOK_S)

    async def answers(self) -> None:
        """Waits until it is alive, ready or not."""
        async with asyncio.timeout(STARTS_WITHIN_S), _client() as http:
            while self.running and not await _answers(http, f"{self.url}/healthz"):  # noqa: ASYNC110  # as above
                await asyncio.sleep(LOOK_S)

    @property
    def running(self) -> bool:
        """False when it has ended, or was never started. A sleeping process runs."""
        return self._ended is not None and not self._ended.exists()

    @property
    def exit_code(self) -> int:
        assert self._ended is not None
        code: int = json.loads(self._ended.read_text())
        return code

    async def ended(self) -> int:
        """Waits for its end; the exit code, negative for a signal."""
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                while self.running:  # noqa: ASYNC110  # another process's doing
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise AssertionError(f"it did not end\n{self.tail()}") from None
        return self.exit_code

    def signal(self, number: signal.Signals) -> None:
        """Nothing happens to a process that has ended."""
        if self.running and self.pid is not None:
            os.kill(self.pid, number)

    async def asleep(self) -> None:
        """Waits until the process has put itself to sleep at its crash point."""
        async with asyncio.timeout(ENDS_WITHIN_S):
            while self._log is None or not self._log.exists() or "crash point" not in self._log.read_text():
                assert self.running, f"it ended instead of sleeping\n{self.tail()}"
                await asyncio.sleep(LOOK_S)
        self.signal(signal.SIGSTOP)  # it is about to do so itself: now there is no doubt

    async def kill(self) -> int:
        self.signal(signal.SIGKILL)
        return await self.ended()

    async def stop(self) -> int:
        """SIGTERM, as a deployment does; the exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    def log(self) -> str:
        """Everything it said, over all its starts."""
        return "\n".join(one.read_text(errors="replace") for one in sorted(self.folder.glob("*.log")))

    def tail(self, lines: int = 30) -> str:
        return "\n".join(one[:500] for one in self.log().splitlines()[-lines:])


def _client() -> httpx.AsyncClient:
    """For loopback: reading whom the world trusts takes longer than the question."""
    return httpx.AsyncClient(trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.HTTPError:
        return False
