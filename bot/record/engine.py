"""Opens the database: SQLite with the settings that survive a power cut, or PostgreSQL.

Owns connection settings and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.record.near import connect

BUSY_TIMEOUT_MS = 10_000
_PATIENCE = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A PostgreSQL that fell silent is noticed within seconds, not after the operating system's two minutes."""
LOG_BYTES = 64 * 1024 * 1024
"""To this the write-ahead log is cut after it had to grow, because somebody was reading for long."""


class _Cursor(Protocol):
    def execute(self, sql: str) -> object: ...

    def fetchone(self) -> object: ...

    def close(self) -> None: ...


class _SqliteConnection(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...

    def rollback(self) -> None: ...


def open_engine(url: str) -> AsyncEngine:
    """`sqlite+aiosqlite:///path` or `postgresql+psycopg://…`.

    SQLite runs in WAL mode with synchronous=FULL: a commit that was answered survives a power cut. Every write
    transaction starts with BEGIN IMMEDIATE, so two writers queue instead of failing half way.
    """
    if not url.startswith("sqlite"):
        return create_async_engine(
            url, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=30, connect_args=_PATIENCE
        )
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False, "async_creator_fn": connect}
    )
    event.listen(engine.sync_engine, "connect", _configure)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "invalidate", _let_go)
    return engine


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection that can only read, sees one moment of the database, and keeps no writer waiting."""
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await connection.execution_options(reading=True)
        else:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def _configure(connection: _SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not open transactions behind our back
    cursor = connection.cursor()
    cursor.execute("PRAGMA page_count")
    if cursor.fetchone() == (0,):
        # Of a new file, before anything else is in it: what a sweep frees can be given back. Of another it asks for a
        # lock, and does nothing.
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in (
        "journal_mode=WAL",
        f"journal_size_limit={LOG_BYTES}",
        "secure_delete=ON",  # what is deleted is not left readable in free pages
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("reading", False)
    if connection.info.get("only_reads", False) != only_reads:  # what this connection was used for before
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
        connection.info["only_reads"] = only_reads
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _let_go(connection: _SqliteConnection, _entry: ConnectionPoolEntry, _error: BaseException | None) -> None:
    """A task was cancelled in the middle of a statement, and its connection is about to be closed.

    SQLite keeps a closed connection, with its lock on the whole file, for as long as a cursor of it is alive somewhere:
    in a traceback until the next garbage collection, for example. So the transaction is ended first.
    """
    with suppress(sqlite3.Error):  # it may be closed already
        connection.rollback()


def file_of(url: str) -> Path | None:
    """The file of an SQLite record; None for PostgreSQL, and for a database in memory. Raises `SQLAlchemyError`."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))
