"""Migrations: safe at every start, safe twice at once, and equal to the tables that the program speaks of."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.record.tables import metadata
from tests.record.seeds import together

_UPGRADE = """
import asyncio, sys
from bot.record import migrate
from bot.record.engine import open_engine
async def main():
    engine = open_engine(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await migrate.upgrade(engine)
    await engine.dispose()
asyncio.run(main())
"""


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def _has_tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_an_empty_database_has_no_version_and_gets_the_newest(empty_url: str) -> None:
    engine = open_engine(empty_url)
    assert await migrate.current(engine) is None
    await migrate.upgrade(engine)
    assert await migrate.current(engine) == migrate.newest()
    async with engine.connect() as connection:
        assert set(metadata.tables) <= await connection.run_sync(_has_tables)
    await engine.dispose()


async def test_upgrading_again_changes_nothing(record: Record) -> None:
    async with record.begin() as transaction:
        await transaction.audit.append("system", "noted", "s")
    await migrate.upgrade(record.engine)
    assert await migrate.current(record.engine) == migrate.newest()
    async with record.read() as transaction:
        assert await transaction.audit.verify() == 1


async def test_many_engines_upgrade_one_database_at_once(empty_url: str) -> None:
    engines = [open_engine(empty_url) for _ in range(6)]
    await together(migrate.upgrade(engine) for engine in engines)
    assert {await migrate.current(engine) for engine in engines} == {migrate.newest()}
    for engine in engines:
        await engine.dispose()


def test_two_processes_upgrade_one_file_at_once(tmp_path: Path) -> None:
    empty_url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    command = [sys.executable, "-c", _UPGRADE, empty_url]
    both = [Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.close()
    for process in both:
        assert process.wait() == 0, process.stderr.read().decode() if process.stderr else ""


async def test_the_migrated_schema_is_the_one_in_tables(record: Record) -> None:
    async with record.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_failed_step_leaves_the_schema_as_it_was(empty_url: str) -> None:
    """Version 1 makes `triages` near its end: when that table is in the way, nothing of the version stays."""
    engine = open_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.tables["tickets"].create)
    with pytest.raises(DBAPIError, match="tickets"):
        await migrate.upgrade(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(_has_tables) == {"tickets"}
    assert await migrate.current(engine) is None
    await engine.dispose()
