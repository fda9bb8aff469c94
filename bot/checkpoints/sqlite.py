"""Checkpoints in an SQLite file of their own: in one file with the record they would share one write lock."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from bot.checkpoints.guarded import Guarded
from bot.checkpoints.strict import Strict
from bot.record.engine import BUSY_TIMEOUT_MS, LOG_BYTES
from bot.settings import BadSetting

NEWEST = "2"
"""The official saver numbers no versions: 1 is from before writes had a path."""


class SqliteCheckpoints(Guarded, AsyncSqliteSaver):
    """The official saver."""

    async def threads(self) -> list[str]:
        async with self.lock, self.conn.execute("SELECT DISTINCT thread_id FROM checkpoints") as rows:
            return [str(row[0]) async for row in rows]


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[SqliteCheckpoints]:
    """Raises `BadSetting`."""
    async with AsyncExitStack() as stack:
        try:
            async with _alone(path):
                connection = await stack.enter_async_context(aiosqlite.connect(path, timeout=BUSY_TIMEOUT_MS / 1000))
                connection.text_factory = _text
                await _configure(connection)
                saver = SqliteCheckpoints(connection, serde=Strict())
                await saver.setup()
        except (sqlite3.Error, OSError) as error:
            # A decision is carried out from the record, with its thread or without.
            text = f"{path} cannot be opened ({type(error).__name__}): move it away, no decision is lost by that"
            raise BadSetting(text) from None
        yield saver


async def _configure(connection: aiosqlite.Connection) -> None:
    async with connection.execute("PRAGMA page_count") as pages:
        if await pages.fetchone() == (0,):  # can be said of a new file only
            await connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    await connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")
    await connection.execute("PRAGMA secure_delete=ON")


def _text(stored: bytes) -> str:
    """Damaged text is for whoever reads it to refuse: an error of the driver's would look like one of the store's."""
    return stored.decode(errors="replace")


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """A new file is switched to the write-ahead log and given its tables by one process; the others wait."""
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        await asyncio.to_thread(fcntl.flock, handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def level(path: Path) -> str | None:
    """The version of the tables in the file; None where there are none. Raises `sqlite3.Error`."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(writes)")}
    finally:
        connection.close()
    if not columns:
        return None
    return NEWEST if "task_path" in columns else "1"
