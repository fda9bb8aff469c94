"""Starts bots quickly: one process imports the program once and forks a bot for each start.

Each bot is a process of its own with its own memory, files and end, as `python -m bot` would be; only the seconds of
importing are saved. Run as a script it is that process: one JSON request a line on stdin, one process id a line on
stdout. How a bot ended is written to the file named in its request. When stdin closes, it kills what it started.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.work.worker import Pace

POLL_S = 0.25


class Request(BaseModel):
    """One bot to start."""

    model_config = ConfigDict(frozen=True)

    arguments: tuple[str, ...]
    environment: dict[str, str]
    folder: str
    """Working directory of the bot."""
    log: str
    """File that gets its standard error."""
    ended: str
    """File that gets its exit code: negative for a signal."""
    sleeps: bool = False
    """At its crash point the bot stops itself once (SIGSTOP) instead of dying."""
    clock_s: float = 0.0
    """How far the clock of this process is ahead of everybody else's."""
    passes: int = 0
    """How often the crash point is passed unharmed first."""


IMPORTED_LATE = (
    "anyio._backends._asyncio",
    "httpcore",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)
"""What libraries import only when a bot runs already."""


def main() -> None:
    import bot.cli
    import bot.doctor.checks
    import bot.serve  # noqa: F401  # this import is what the forks save
    from graphs.learning import artefact

    for name in IMPORTED_LATE:
        import_module(name)
    model = artefact.load()  # held until the end: every fork finds it loaded
    assert model.layers

    signal.signal(signal.SIGCHLD, _bury)
    print("ready", flush=True)  # noqa: T201  # the protocol
    for line in sys.stdin:
        request = Request.model_validate_json(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        child = os.fork()
        if child == 0:
            _become_bot(request)
        _alive[child] = Path(request.ended)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        print(child, flush=True)  # noqa: T201  # the protocol
    for child in list(_alive):
        os.kill(child, signal.SIGKILL)


_alive: dict[int, Path] = {}


def _bury(_signal: int, _frame: object) -> None:
    """Writes down how every child that ended has ended."""
    while _alive:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        write_end(_alive.pop(child), os.waitstatus_to_exitcode(status))


def write_end(note: Path, code: int) -> None:
    """The file appears whole or not at all."""
    part = note.with_suffix(".part")
    part.write_text(json.dumps(code))
    part.replace(note)


def _become_bot(request: Request) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        log = os.open(request.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 2)
        os.dup2(log, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(request.environment)
        os.chdir(request.folder)
        _look_often()
        _pass(request.passes)
        _set_clock(request.clock_s)
        if request.sleeps:
            _sleep_instead_of_dying()
        sys.argv = ["strata", *request.arguments]
        from bot.cli import main as strata

        strata()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # whatever it was, it must not go on as the forker
        import traceback

        traceback.print_exc()
    os._exit(code)


def _look_often() -> None:
    """Only the waiting gets shorter: a worker looks again after a moment, and pauses for moments instead of seconds."""
    import bot.executor.execute
    import bot.service.triaging
    from bot.bootstrap import pacing

    slow = pacing.pace

    def quick(settings: Settings, poll_s: float = POLL_S) -> Pace:
        return replace(slow(settings), poll_s=min(poll_s, POLL_S), backoff_s=0.1, backoff_max_s=1.0, outage_s=0.5)

    pacing.pace = quick
    bot.executor.execute.PAUSED_S = bot.service.triaging.PAUSED_S = POLL_S


def _pass(times: int) -> None:
    import bot.crash

    bot.crash._Armed.passes = times


def _set_clock(ahead_s: float) -> None:
    """The wall clock of this process alone; no clock that only measures is touched."""
    true = time.time
    for module in [time, *sys.modules.values()] if ahead_s else []:
        if getattr(module, "time", None) is true:  # also where it was imported by name
            setattr(module, "time", lambda: true() + ahead_s)  # noqa: B010  # a function cannot be assigned


def _sleep_instead_of_dying() -> None:
    """At its crash point the bot stops once, as on a machine that was paused, in the middle of whatever it does."""
    import bot.crash

    def sleep(_pid: int, _signal: int) -> None:
        bot.crash.arm(None)
        os.kill(os.getpid(), signal.SIGSTOP)

    setattr(bot.crash, "os", SimpleNamespace(kill=sleep, getpid=os.getpid))  # noqa: B010  # only `reached` sees this


if __name__ == "__main__":
    main()
