"""Who writes next to an SQLite file: the tasks of this process and other processes, first come first served.

SQLite itself lets one writer in and has the others sleep and try again. Whoever comes at the right moment wins, so with
a few busy processes one of them waits for seconds. Here they wait in the operating system's line for a lock on a file
beside the database. That lock guards nothing: SQLite's own does. It can be lost, and is given up on after a second.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

SUFFIX = ".turn"
KEEP_S = 0.03
"""For so long the tasks of one process write one after the other: who has many waiting gets more done than who has one,
and others wait for some commits only."""
PATIENCE_S = 1.0
"""Many turns of many processes. Somebody who keeps the line waiting for longer is asleep, or does not stand in it."""
WITHOUT_S = 10.0
"""For so long nobody stands in a line that did not move: SQLite decides alone."""


class Turns:
    """Of this process at one database. Without a file, for its own tasks only."""

    def __init__(self, database: Path | None) -> None:
        self._file = None if database is None else database.with_name(database.name + SUFFIX)
        self._here = asyncio.Lock()
        self._waiting = 0
        self._handle: int | None = None
        self._until = 0.0
        self._without = 0.0

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        """One's turn to write, in the order in which it was asked for."""
        await self._wait()
        try:
            if self._handle is None and self._file is not None and time.monotonic() > self._without:
                self._handle = await _taken(self._file)
                self._until = time.monotonic() + KEEP_S
                self._without = time.monotonic() + WITHOUT_S if self._handle is None else 0.0
            yield
        finally:
            self._here.release()
            if not self._waiting or time.monotonic() > self._until:
                self._let_go()

    async def _wait(self) -> None:
        self._waiting += 1
        try:
            await self._here.acquire()
        except BaseException:
            if self._waiting == 1 and not self._here.locked():
                self._let_go()  # it was kept for nobody but this one
            raise
        finally:
            self._waiting -= 1

    def _let_go(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


async def _taken(file: Path) -> int | None:
    """The lock, which ends with the closing of its handle; None where it cannot be had: then SQLite decides alone."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return await _waited_for(handle)
    except OSError:
        os.close(handle)
        return None
    return handle


async def _waited_for(handle: int) -> int | None:
    """Waits in a thread: there is no other way to stand in that line."""
    wait = _Wait(handle, asyncio.get_running_loop())
    threading.Thread(target=wait.stand_in_line, name="turn", daemon=True).start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await wait.over.wait()
    except TimeoutError:
        wait.leave()
        return None
    except BaseException:
        wait.leave()
        raise
    return handle


class _Wait:
    """One place in the line. Whoever leaves it early leaves the handle to the thread, which closes it."""

    def __init__(self, handle: int, loop: asyncio.AbstractEventLoop) -> None:
        self.over = asyncio.Event()
        self._handle = handle
        self._loop = loop
        self._lock = threading.Lock()
        self._has_it = False
        self._left = False

    def stand_in_line(self) -> None:
        with suppress(OSError):  # no lock, as if it had been given up
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        with self._lock:
            if self._left:
                os.close(self._handle)
                return
            self._has_it = True
            try:
                self._loop.call_soon_threadsafe(self.over.set)
            except RuntimeError:  # the loop has ended, and whoever waited with it
                os.close(self._handle)

    def leave(self) -> None:
        with self._lock:
            self._left = True
            if self._has_it:
                os.close(self._handle)
