"""Brings a database to the newest schema. Safe to run at every start and by several processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.record.engine import reading
from bot.record.outages import RecordUnavailable
from graphs.errors import StrataError

_ADVISORY_LOCK = 7_261_000


class NewerRecord(StrataError):
    """The database was brought to a schema that this program has never heard of."""


def configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The schema version this program was written for."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    assert head is not None
    return head


def refuse_newer(found: str | None) -> None:
    """Raises `NewerRecord` for a schema version that is none of this program's."""
    known = {one.revision for one in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if found is not None and found not in known:
        raise NewerRecord(
            f"the record has schema {found}, and this program knows none later than {newest()}:"
            " start the newer Strata that wrote it, or restore the backup that was made before; nothing was changed"
        )


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    found = _current(connection)
    if found == newest():
        return
    refuse_newer(found)
    command.upgrade(configuration(connection), "head")
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RecordUnavailable("the record's rows do not fit the new schema: nothing was changed, please report this")


async def upgrade(engine: AsyncEngine) -> None:
    """Raises `NewerRecord`, or the database's own error when a step fails; the schema is then as it was before."""
    async with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            await _without_references(connection)
        try:
            async with connection.begin():
                await connection.run_sync(_upgrade)
        finally:
            if sqlite:
                await connection.invalidate()  # closed, not handed to somebody who relies on its settings


async def _without_references(connection: AsyncConnection) -> None:
    """SQLite changes a table by making a new one and dropping the old, and a drop deletes what refers to its rows.

    The setting does nothing within a transaction, so it is made before one begins; the references are checked after.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.execute("PRAGMA foreign_keys=OFF")


async def current(engine: AsyncEngine) -> str | None:
    """The schema version of the database, or None when it is empty."""
    async with reading(engine) as connection:
        return await connection.run_sync(_current)
