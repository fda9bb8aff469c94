"""Copies a whole record into an empty one: every table, in one transaction of the target, compared before its commit.

Knows tables by their definitions only, so a new one is copied without a line here. Writes nothing into the source.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, delete, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.record.audit import Audit
from bot.record.clock import StoreNow
from bot.record.engine import open_engine, reading
from bot.record.migrate import current, newest, upgrade
from bot.record.tables import jobs, metadata
from graphs.errors import StrataError

Tell = Callable[[str, int, int], None]
"""What is being copied, how many of it are done, and of how many."""

Row = dict[str, object]

ROWS = 500
BYTES = 4 * 1024 * 1024
"""A batch ends with whichever comes first."""
_FETCHED = 20
"""Rows at a time from the source: one may hold megabytes."""
_NOT_OURS = frozenset({"alembic_version"})
_DIGESTS = 1 << 256


class CopyRefused(StrataError):
    """The copy was not begun, or taken back as a whole; the text says why."""


@dataclass
class Sum:
    """How many rows, and their digests added up: the order of rows is a matter of the database."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(_digest(row), "big")) % _DIGESTS


def _digest(row: Row) -> bytes:
    """Of what is in it, whichever database it came from."""
    whole = hashlib.sha256()
    for name in sorted(row):
        value: object = row[name]
        plain = (
            value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else repr(value).encode()
        )
        whole.update(f"{name}:{type(value).__name__}:{len(plain)}:".encode() + plain)
    return whole.digest()


async def copy_record(
    source: AsyncEngine, target: AsyncEngine, also: Callable[[], Awaitable[None]], tell: Tell
) -> Mapping[str, int]:
    """Rows by table. `also` runs when both are known to be fit for it; what it raises takes everything back.

    Raises `CopyRefused`, `bot.record.audit.AuditBroken`, and the databases' own errors.
    """
    await _refuse_other_schema(source)
    async with reading(source) as old, target.begin() as new:
        await _refuse_busy(old)
        await _refuse_unknown_tables(old)
        entries = await Audit(old).verify()
        await _take(new)
        await also()
        for table in reversed(metadata.sorted_tables):
            await new.execute(delete(table))  # what every new record holds; the source has its own of it
        sums = {table: await _copy_table(old, new, table, tell) for table in metadata.sorted_tables}
        await _set_sequences(new)
        for table, copied in sums.items():
            if await _sum(new, table) != copied:
                raise CopyRefused(f"{table.name} is not the same after it was copied: nothing was kept, please report")
        if await Audit(new).verify() != entries:
            raise CopyRefused("the audit chain is not the same after it was copied: nothing was kept, please report")
    return {table.name: copied.rows for table, copied in sums.items()}


async def _refuse_other_schema(source: AsyncEngine) -> None:
    found = await current(source)
    if found != newest():
        raise CopyRefused(
            f"the record to copy has schema {found or 'none'}, and this program needs {newest()}:"
            " bring it there first, with `strata migrate` and STRATA_RECORD_URL set to its address"
        )


async def _refuse_busy(old: AsyncConnection) -> None:
    """Its processes are stopped, the file's lock says so; this finds those that are older than that lock."""
    held = select(func.count()).select_from(jobs).where(jobs.c.state == "leased", jobs.c.lease_until > StoreNow())
    if count := int((await old.execute(held)).scalar_one()):
        raise CopyRefused(f"a bot still works on {count} jobs of it: stop it, wait for a minute and try again")


async def _refuse_unknown_tables(old: AsyncConnection) -> None:
    names = await old.run_sync(lambda connection: set(inspect(connection).get_table_names()))
    if unknown := names - set(metadata.tables) - _NOT_OURS:
        raise CopyRefused(f"{', '.join(sorted(unknown))} would be left behind: no table of this program")


async def _take(new: AsyncConnection) -> None:
    """Nobody else writes into the target until the end; and nobody has."""
    if new.dialect.name == "postgresql":
        names = ", ".join(new.dialect.identifier_preparer.format_table(table) for table in metadata.sorted_tables)
        await new.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    async with _brand_new() as fresh:
        for table in metadata.sorted_tables:
            if await _sum(new, table) != await _sum(fresh, table):
                raise CopyRefused(f"the record to copy to is in use already: there are rows in {table.name}")


@asynccontextmanager
async def _brand_new() -> AsyncIterator[AsyncConnection]:
    """What a record holds that nobody ever used: some tables start with a row."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite+aiosqlite:///{Path(folder) / 'new.db'}")
        try:
            await upgrade(engine)
            async with reading(engine) as connection:
                yield connection
        finally:
            await engine.dispose()


async def _copy_table(old: AsyncConnection, new: AsyncConnection, table: Table, tell: Tell) -> Sum:
    total = int((await old.execute(select(func.count()).select_from(table))).scalar_one())
    copied, batch, size = Sum(), [], 0
    async for row in _rows(old, table):
        copied.add(row)
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
        if len(batch) >= ROWS or size >= BYTES:
            await _insert(new, table, batch)
            tell(table.name, copied.rows, total)
            batch, size = [], 0
    if batch:
        await _insert(new, table, batch)
    tell(table.name, copied.rows, total)
    return copied


async def _insert(new: AsyncConnection, table: Table, batch: list[Row]) -> None:
    try:
        await new.execute(insert(table), batch)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        # Lengths and characters that one database takes and the other does not. Not the text: it may hold the value.
        raise CopyRefused(
            f"a row of {table.name} does not fit ({type(error.orig).__name__}): nothing was kept"
        ) from error


async def _sum(connection: AsyncConnection, table: Table) -> Sum:
    found = Sum()
    async for row in _rows(connection, table):
        found.add(row)
    return found


async def _rows(connection: AsyncConnection, table: Table) -> AsyncIterator[Row]:
    async with connection.stream(select(table).execution_options(yield_per=_FETCHED)) as rows:
        async for row in rows.mappings():
            yield {str(name): value for name, value in row.items()}


async def _set_sequences(new: AsyncConnection) -> None:
    """The next number is one that no row has."""
    if new.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        quoted = new.dialect.identifier_preparer.format_table(table)
        for column in table.primary_key:
            name = {"table": quoted, "column": column.name}
            sequence = (await new.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), name)).scalar_one()
            if sequence is not None:
                last = (await new.execute(select(func.max(column)))).scalar_one()
                values = {"sequence": sequence, "last": last or 1, "used": last is not None}
                await new.execute(text("SELECT setval(:sequence, :last, :used)"), values)
