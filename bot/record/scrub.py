"""After an erasure: what was deleted is not left readable in the database's own files either, as far as they are ours.

Copies of the files, and PostgreSQL's archived log, are for whoever made them.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.record.tables import metadata


async def scrub(engine: AsyncEngine) -> bool:
    """False when somebody was reading: then the next checkpoint or vacuum of the database does it."""
    try:
        if engine.dialect.name == "sqlite":
            return await _empty_log(engine)
        await _vacuum(engine)
    except DBAPIError:
        return False
    return True


async def _empty_log(engine: AsyncEngine) -> bool:
    """Deleted bytes were overwritten in the file (`secure_delete`); the write-ahead log still has old pages."""
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()  # no transaction: within one there is no checkpoint
        assert raw.driver_connection is not None, "it is open"
        async with raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            [(busy, _, _)] = await cursor.fetchall()
        return not busy


async def _vacuum(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in metadata.sorted_tables:
            await free.execute(text(f"VACUUM {free.dialect.identifier_preparer.format_table(table)}"))
