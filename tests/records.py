"""A migrated record for tests that are about something else: the schema is made once, each test gets its own rows.

On SQLite, and for a test that is named after the fault list (`test_fault_…`) on PostgreSQL too. Tests of the record
itself have fixtures of their own (`tests/record`). Import everything in `__all__` into the conftest of a folder that
wants it.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.record import migrate
from bot.record.audit import GENESIS
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.record.tables import audit_head, metadata
from bot.work.delivery import InProcess
from tests.postgres import PostgresServer

__all__ = ["migrated_file", "migrated_pg", "pytest_generate_tests", "record", "record_url", "store"]

STORES = ("sqlite", "postgresql")
ON_SQLITE_ALONE = {"37", "38", "39", "47", "48", "55", "56"}
"""Rows of the fault list that speak of SQLite, or of no store at all."""
ON_POSTGRESQL_ALONE = {"31", "32", "33"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The fault list is proved on both records."""
    found = re.match(r"test_fault_((?:\d+_)+)", metafunc.function.__name__)
    if "store" not in metafunc.fixturenames or not found:
        return
    rows = set(found[1].strip("_").split("_"))
    if rows <= ON_POSTGRESQL_ALONE:
        metafunc.parametrize("store", STORES[1:])
    elif not rows <= ON_SQLITE_ALONE:
        metafunc.parametrize("store", STORES)


@pytest.fixture
def store() -> str:
    return STORES[0]


def _in_a_hurry(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """No test here is about power cuts, and waiting for the disk is most of the time."""
    connection.cursor().execute("PRAGMA synchronous=OFF")


def _migrate(url: str) -> None:
    async def run() -> None:
        engine = open_engine(url)
        await migrate.upgrade(engine)
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "record.db"
    _migrate(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_pg(postgres: PostgresServer) -> str:
    """The name of a migrated database; emptying it is twenty times as quick as making another."""
    name = postgres.create_database()
    _migrate(postgres.url(name))
    return name


def _empty(conninfo: str) -> None:
    with psycopg.connect(conninfo, options="-c lock_timeout=10s") as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not audit_head:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        connection.execute("UPDATE audit_head SET seq = 0, hash = %s", [GENESIS])


@pytest.fixture
def record_url(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Of a migrated database without any rows."""
    if store == "sqlite":
        template: Path = request.getfixturevalue("migrated_file")
        return f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / 'record.db')}"
    postgres: PostgresServer = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("migrated_pg")
    _empty(postgres.conninfo(name))
    return postgres.url(name)


@pytest.fixture
async def record(record_url: str) -> AsyncIterator[Record]:
    """A record without any rows."""
    opened = Record(record_url, InProcess())
    if opened.engine.dialect.name == "sqlite":
        event.listen(opened.engine.sync_engine, "connect", _in_a_hurry)
    yield opened
    await opened.close()
