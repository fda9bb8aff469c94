"""Which steps of SQLite run where they are called."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import aiosqlite
import pytest

from bot.record.near import connect


def _deaf(_: str) -> None: ...


async def test_what_may_wait_goes_to_the_thread_and_the_rest_does_not(tmp_path: Path) -> None:
    here = threading.get_ident()
    async with connect(str(tmp_path / "x.db"), isolation_level=None, check_same_thread=False) as connection:
        assert await _where(connection, "CREATE TABLE t (a)") == here
        for slow in ("BEGIN IMMEDIATE", "ROLLBACK", "PRAGMA journal_mode=WAL"):
            assert await _where(connection, slow) != here, slow


async def _where(connection: aiosqlite.Connection, sql: str) -> int:
    """As SQLAlchemy does it: a cursor, then its `execute`."""
    seen: list[int] = []
    await connection.set_trace_callback(lambda _: seen.append(threading.get_ident()))
    cursor = await connection.cursor()
    await cursor.execute(sql)
    await cursor.close()
    await connection.set_trace_callback(_deaf)
    return seen[0]


async def test_while_a_cancelled_step_is_under_way_the_next_ones_wait_behind_it(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE t (a)")
    other.execute("BEGIN IMMEDIATE")
    async with connect(path, isolation_level=None, check_same_thread=False, timeout=20) as connection:
        cursor = await connection.cursor()
        waiting = asyncio.create_task(cursor.execute("BEGIN IMMEDIATE"))
        await asyncio.sleep(0.05)  # the thread has begun to wait for the lock
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        next_step = asyncio.create_task(connection.cursor())
        await asyncio.sleep(0)
        assert not next_step.done(), "it would have touched a connection that another thread is using"
        other.execute("COMMIT")
        await next_step
        await connection.rollback()
    other.close()
