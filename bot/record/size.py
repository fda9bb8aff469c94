"""How many bytes the record takes up, table by table: what a retention promise is measured with.

Only counts: nothing here knows what the tables mean. A table's indexes are counted with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.record.engine import reading
from graphs.model import Value

WHOLE_FILE = "(whole file)"
"""Stands for all tables where this build of SQLite cannot tell them apart."""

_SQLITE = (
    "SELECT owner.tbl_name, sum(page.pgsize) FROM dbstat AS page JOIN sqlite_schema AS owner ON owner.name = page.name"
    " GROUP BY owner.tbl_name"
)
_POSTGRESQL = (
    "SELECT CASE WHEN nspname = current_schema() THEN '' ELSE nspname || '.' END || relname,"
    " pg_total_relation_size(pg_class.oid) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE relkind = 'r' AND nspname !~ '^(pg_|information_schema$)'"
)


class Sizes(Value):
    """Bytes per table, with its indexes, and of pages that wait to be used again."""

    tables: dict[str, int]
    free: int = 0

    @property
    def total(self) -> int:
        """Bytes in use."""
        return sum(self.tables.values())

    def since(self, before: Self) -> dict[str, int]:
        """How much each table grew."""
        return {name: size - before.tables.get(name, 0) for name, size in sorted(self.tables.items())}


async def measure(engine: AsyncEngine) -> Sizes:
    """Of any database of ours: the record, or the file with the checkpoints."""
    async with reading(engine) as connection:
        if connection.dialect.name == "postgresql":
            return Sizes(tables=await _pairs(connection, _POSTGRESQL))
        page = await _pragma(connection, "page_size")
        free = await _pragma(connection, "freelist_count") * page
        try:
            tables = await _pairs(connection, _SQLITE)
        except OperationalError:  # this SQLite was built without dbstat
            tables = {WHOLE_FILE: await _pragma(connection, "page_count") * page - free}
        return Sizes(tables=tables, free=free)


async def _pairs(connection: AsyncConnection, query: str) -> dict[str, int]:
    found: Mapping[str, int] = {row[0]: row[1] for row in await connection.execute(text(query))}
    return {name: int(size) for name, size in found.items()}


async def _pragma(connection: AsyncConnection, name: str) -> int:
    return int((await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one())
