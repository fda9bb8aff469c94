"""SQLite's quick steps where they are called, its slow ones in aiosqlite's thread.

aiosqlite sends each step of a statement (cursor, execute, fetch, close) to another thread and back, which takes longer
than SQLite takes for all of it. Only what can wait for a lock or for the disk has to go there: beginning to write,
committing, rolling back, opening and closing. In WAL mode a reader waits for nobody, and neither does a statement of a
transaction that has the write lock already. While the thread is at a step whose caller was cancelled, everything goes
there, in order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import aiosqlite

P = ParamSpec("P")
T = TypeVar("T")

_QUICK = frozenset({"cursor", "execute", "executemany", "fetchone", "fetchmany", "fetchall", "close"})
_MAY_WAIT = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "PRAGMA", "VACUUM")
_CHUNK = 64
"""Rows that aiosqlite reads at a time: its own default."""


class Near(aiosqlite.Connection):
    """aiosqlite's connection; `_execute` is the one way by which its steps reach the thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        self._away: set[object] = set()
        """Steps that the thread has not ended."""

    async def _execute(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        if not self._away and self._is_quick(fn, args):
            return fn(*args, **kwargs)
        step = object()
        self._away.add(step)

        def in_the_thread() -> T:
            try:
                return fn(*args, **kwargs)
            finally:
                self._away.discard(step)

        result: T = await super()._execute(in_the_thread)  # type: ignore[no-untyped-call]  # theirs
        return result

    def _is_quick(self, fn: Callable[..., object], args: tuple[object, ...]) -> bool:
        name, owner = getattr(fn, "__name__", ""), getattr(fn, "__self__", None)
        if name not in _QUICK or (owner is self._connection and name != "cursor"):
            return False
        return not (args and isinstance(args[0], str) and args[0].startswith(_MAY_WAIT))


def connect(database: str, **options: object) -> Near:
    """For SQLAlchemy's `async_creator_fn`. `options` are those of `sqlite3.connect`."""
    connection = Near(partial(sqlite3.connect, database, **options), _CHUNK)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does with one it opens itself
    return connection
