"""Checkpoints in the record's PostgreSQL, in a schema of their own: no name of LangGraph's can meet one of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, LiteralString

import psycopg
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import make_url

from bot.checkpoints.guarded import STORE, Guarded
from bot.checkpoints.strict import Strict
from bot.record.outages import RecordUnavailable

SCHEMA: Final = "strata_checkpoints"
CONNECTIONS: Final = 2
"""The saver uses one at a time; the other holds the lock while its tables are made."""
WAIT_S: Final = 5.0
"""For a free connection, before it is called an outage."""
SETUP_S: Final = 60.0
"""For other processes that set it up at the same time."""
POLL_S: Final = 0.05
_ADVISORY_LOCK: Final = 7_261_002
_PATIENCE: Final[Mapping[str, object]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""A server that fell silent is noticed. What the address itself says comes first."""

Connection = AsyncConnection[DictRow]


class PostgresCheckpoints(Guarded, AsyncPostgresSaver):
    """The official saver."""

    async def threads(self) -> list[str]:
        async with self._cursor() as cursor:
            await cursor.execute("SELECT DISTINCT thread_id FROM checkpoints")
            return [str(row["thread_id"]) async for row in cursor]


NEWEST = str(len(AsyncPostgresSaver.MIGRATIONS) - 1)


@asynccontextmanager
async def open_postgres(url: str) -> AsyncIterator[PostgresCheckpoints]:
    """Raises `RecordUnavailable`, without anything of the address in it."""
    pool = AsyncConnectionPool(
        kwargs={**parameters(url), "row_factory": dict_row},
        connection_class=Connection,
        min_size=1,
        max_size=CONNECTIONS,
        timeout=WAIT_S,
        reconnect_timeout=WAIT_S * 2,  # its pauses double; afterwards whoever asks next starts anew with short ones
        check=AsyncConnectionPool.check_connection,  # a server that was started again costs a round trip, not a job
        configure=_into_schema,
        open=False,
        name="checkpoints",
    )
    try:
        saver = PostgresCheckpoints(pool, serde=Strict())
        try:
            await pool.open(wait=True, timeout=WAIT_S * 2)
            async with asyncio.timeout(SETUP_S):
                await _set_up(pool, saver)
        except (psycopg.Error, TimeoutError) as error:
            raise RecordUnavailable(f"{STORE} cannot be opened ({_why(error)}): see STRATA_RECORD_URL") from error
        yield saver
    finally:
        await pool.close()


def parameters(url: str) -> dict[str, object]:
    """SQLAlchemy's address, as psycopg wants it, with the settings that the official saver asks for."""
    parsed = make_url(url)
    _, named = parsed.get_dialect()().create_connect_args(parsed)
    return {**_PATIENCE, **named, "autocommit": True, "prepare_threshold": 0}


async def _into_schema(connection: Connection) -> None:
    await connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(SCHEMA)))


async def _set_up(pool: AsyncConnectionPool[Connection], saver: PostgresCheckpoints) -> None:
    """One process at a time, and again from the start when one was killed in the middle."""
    async with pool.connection() as connection:
        # Asked for again and again: whoever waits within a statement would hold up the building of an index for ever.
        while not await _one(connection, "SELECT pg_try_advisory_lock(%s)", _ADVISORY_LOCK):  # noqa: ASYNC110  # see above
            await asyncio.sleep(POLL_S)
        try:
            if await _one(connection, "SELECT to_regnamespace(%s) IS NULL", SCHEMA):
                await connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
            await saver.setup()
            await _finish_indexes(connection)
        finally:
            await _one(connection, "SELECT pg_advisory_unlock(%s)", _ADVISORY_LOCK)


async def _finish_indexes(connection: Connection) -> None:
    """An index whose building was killed stays behind, is paid for at each write and never used."""
    query = (
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE NOT indisvalid AND relnamespace = %s::regnamespace"
    )
    for row in await (await connection.execute(query, (SCHEMA,))).fetchall():
        await connection.execute(sql.SQL("REINDEX INDEX {}").format(sql.Identifier(SCHEMA, row["relname"])))


async def _one(connection: Connection, query: LiteralString, value: object) -> object:
    """The single answer to a question."""
    row = await (await connection.execute(query, (value,))).fetchone()
    return None if row is None else next(iter(row.values()))


async def level(url: str) -> str | None:
    """The version of the tables; None where there are none. Raises `RecordUnavailable`."""
    try:
        async with await AsyncConnection.connect(**parameters(url), row_factory=dict_row) as connection:  # type: ignore[arg-type]  # checked by psycopg
            if await _one(connection, "SELECT to_regclass(%s) IS NULL", f"{SCHEMA}.checkpoint_migrations"):
                return None
            await _into_schema(connection)
            found = await _one(connection, "SELECT max(v) FROM checkpoint_migrations WHERE v >= %s", 0)
    except psycopg.Error as error:
        raise RecordUnavailable(f"{STORE} cannot be asked ({_why(error)}): see STRATA_RECORD_URL") from error
    return None if found is None else str(found)


def _why(error: Exception) -> str:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return f"its user may not make the schema {SCHEMA}: make it once as an administrator, owned by that user"
    return type(error).__name__
