"""A migrated SQLite record for tests that are about something else: the schema is made once, each test gets a copy.

Tests of the record itself run on PostgreSQL too and have fixtures of their own (`tests/record`). Import both fixtures
into the conftest of a folder that wants them.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.work.delivery import InProcess


def _in_a_hurry(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """No test here is about power cuts, and waiting for the disk is most of the time."""
    connection.cursor().execute("PRAGMA synchronous=OFF")


def _migrate(file: Path) -> None:
    async def run() -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{file}")
        await migrate.upgrade(engine)
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "record.db"
    _migrate(file)
    return file


@pytest.fixture
async def record(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Record]:
    """A record without any rows."""
    opened = Record(f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path / 'record.db')}", InProcess())
    event.listen(opened.engine.sync_engine, "connect", _in_a_hurry)
    yield opened
    await opened.close()
