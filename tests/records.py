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

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.work.delivery import InProcess


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
    yield opened
    await opened.close()
