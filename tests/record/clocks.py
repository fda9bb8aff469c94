"""A store whose clock can be set, as an administrator or NTP would set it under a running bot.

SQLite gets a `julianday` of ours; PostgreSQL gets a schema before its own, with a `clock_timestamp` in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from bot.record.record import Record
from bot.work.delivery import InProcess
from tests.postgres import PostgresServer

HOUR = 3_600_000
_DAY_MS = 86_400_000


class _HasFunctions(Protocol):
    def create_function(self, name: str, arguments: int, function: object) -> None: ...


class StoreClock:
    """Steps apply to every connection at once."""

    def __init__(self, conninfo: str = "") -> None:
        self._conninfo = conninfo
        self._ahead_ms = 0

    def step(self, ms: int) -> None:
        self._ahead_ms += ms
        if self._conninfo:
            with psycopg.connect(self._conninfo) as connection:
                connection.execute("UPDATE stepped.step SET ms = %s", [self._ahead_ms])

    def fake_julianday(self, connection: _HasFunctions, _entry: ConnectionPoolEntry) -> None:
        import time

        def julianday(_now: str) -> float:
            return 2440587.5 + (time.time() * 1000 + self._ahead_ms) / _DAY_MS

        connection.create_function("julianday", 1, julianday)


def _prepare(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS stepped")
        connection.execute("CREATE TABLE IF NOT EXISTS stepped.step (ms BIGINT)")
        connection.execute("DELETE FROM stepped.step")
        connection.execute("INSERT INTO stepped.step VALUES (0)")
        body = "SELECT pg_catalog.clock_timestamp() + (SELECT ms FROM stepped.step) * INTERVAL '1 millisecond'"
        connection.execute(
            sql.SQL(
                "CREATE OR REPLACE FUNCTION stepped.clock_timestamp() RETURNS TIMESTAMPTZ LANGUAGE SQL VOLATILE AS {}"
            ).format(sql.Literal(body))
        )


@pytest.fixture
async def clocked(request: pytest.FixtureRequest, record_url: str) -> AsyncIterator[tuple[Record, StoreClock]]:
    """A record, and the clock that it goes by."""
    if record_url.startswith("sqlite"):
        clock = StoreClock()
        record = Record(record_url, InProcess())
        event.listen(record.engine.sync_engine, "connect", clock.fake_julianday)
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres")
        conninfo = postgres.conninfo(request.getfixturevalue("migrated_postgres"))
        _prepare(conninfo)
        clock = StoreClock(conninfo)
        record = Record(f"{record_url}&options=-csearch_path%3Dstepped,pg_catalog,public", InProcess())
    yield record, clock
    await record.close()
    clock.step(0)
