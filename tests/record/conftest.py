"""A migrated record of its own for each test, on SQLite and on PostgreSQL.

The schema is made once for each database: SQLite tests get a copy of the file, PostgreSQL tests find empty tables.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bot.record import migrate
from bot.record.audit import GENESIS
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.record.tables import audit_head, metadata
from bot.work.delivery import InProcess
from tests.postgres import PostgresServer

OpenRecord = Callable[[], Record]


def _migrate(url: str) -> None:
    async def run() -> None:
        engine = open_engine(url)
        await migrate.upgrade(engine)
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file; whoever wants a record copies it."""
    file = tmp_path_factory.mktemp("template") / "strata.db"
    _migrate(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a migrated database; emptying it is twenty times as quick as making another."""
    name = postgres.create_database()
    _migrate(postgres.url(name))
    return name


def _empty(conninfo: str) -> None:
    """Brings a migrated database back to the state just after its migration."""
    with psycopg.connect(conninfo, options="-c lock_timeout=10s") as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not audit_head:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        connection.execute("UPDATE audit_head SET seq = 0, hash = %s", [GENESIS])


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any schema."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("pg_database")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without any rows."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path / 'strata.db')}"
    postgres: PostgresServer = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("migrated_postgres")
    _empty(postgres.conninfo(name))
    return postgres.url(name)


@pytest.fixture
async def open_record(record_url: str) -> AsyncIterator[OpenRecord]:
    """Opens another `Record` on the same database, as another process would. All are closed at the end."""
    opened: list[Record] = []

    def another() -> Record:
        opened.append(Record(record_url, InProcess()))
        return opened[-1]

    yield another
    for one in opened:
        await one.close()


@pytest.fixture
def record(open_record: OpenRecord) -> Record:
    return open_record()


@pytest.fixture
def rival(open_record: OpenRecord) -> Record:
    """The same database as `record`, seen from another process."""
    return open_record()
