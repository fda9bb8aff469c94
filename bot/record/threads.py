"""The graph's threads as their store has them: which there are, and room given back when they are gone.

Both official checkpointers offer no list of threads that would not read every checkpoint; so their tables are asked.
Must not decide which thread may go.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

_SQLITE = ("checkpoints", "writes")
_POSTGRESQL = ("checkpoints", "checkpoint_writes", "checkpoint_blobs")
SPARE_PAGES = 256
"""Free pages that are left in a file: the next threads need some at once."""


async def threads(saver: BaseCheckpointSaver[str], page: int) -> AsyncIterator[list[str]]:
    """Ids of all threads in pages, each at least once; also of those of which only a rest is left."""
    tables: tuple[str, ...]
    match saver:
        case AsyncSqliteSaver():
            tables = _SQLITE
        case AsyncPostgresSaver():
            tables = _POSTGRESQL
        case _:
            raise TypeError(f"{type(saver).__name__} is not a store whose threads can be listed")
    for table in tables:
        after = ""
        while found := await _page(saver, table, after, page):
            yield found
            after = found[-1]


async def _page(saver: AsyncSqliteSaver | AsyncPostgresSaver, table: str, after: str, page: int) -> list[str]:
    query = f"SELECT DISTINCT thread_id FROM {table} WHERE thread_id > %s ORDER BY thread_id LIMIT %s"  # noqa: S608  # ours
    if isinstance(saver, AsyncSqliteSaver):
        async with saver.lock, saver.conn.execute(query.replace("%s", "?"), (after, page)) as cursor:
            return [str(row[0]) for row in await cursor.fetchall()]
    async with saver._cursor() as rows:  # noqa: SLF001  # its only way to a connection, be it of a pool or its own
        await rows.execute(query, (after, page))
        return [str(row["thread_id"]) for row in await rows.fetchall()]


async def shorten(saver: BaseCheckpointSaver[str]) -> bool:
    """Gives some of an SQLite file's free pages back; says whether that is worth doing again.

    Some are kept for the next threads. PostgreSQL does this by itself.
    """
    if not isinstance(saver, AsyncSqliteSaver):
        return False
    async with saver.lock:
        free = await _pragma(saver, "freelist_count")
        # 2: incremental. Nothing can be given back from a file that was made without it.
        if free <= SPARE_PAGES or await _pragma(saver, "auto_vacuum") != 2:  # noqa: PLR2004  # said above
            return False
        await _pragma(saver, f"incremental_vacuum({SPARE_PAGES})")
        return True


async def _pragma(saver: AsyncSqliteSaver, name: str) -> int:
    async with saver.conn.execute(f"PRAGMA {name}") as cursor:
        rows = [*await cursor.fetchall()]  # to the end: each step frees one page
    return int(rows[0][0]) if rows else 0
