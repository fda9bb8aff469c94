"""Which errors of a database mean "not just now": whatever driver raised them, they become one `Outage`.

A statement that the database cannot understand is a bug of ours and stays what it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from graphs.errors import Outage

_SQLITE_OUTAGES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_POSTGRES_READS_ONLY = "25006"
"""The server is a replica, or became one while we were connected."""


class RecordUnavailable(Outage):
    """The database cannot be reached, cannot write now, or cannot be brought to this program's schema."""


@contextmanager
def telling_outages(what: str = "the record", *, writing: bool = True) -> Iterator[None]:
    """Raises `RecordUnavailable` in place of what a driver says of an outage.

    A store that only reads is one for those who mean to write; for a reader, writing was the mistake.
    """
    try:
        yield
    except Exception as error:
        driver = _driver(error)
        if driver is None or not (_is_outage(driver) or (writing and _only_reads(driver))):
            raise
        # Not the error's text: it can hold the address, and what was being written.
        raise RecordUnavailable(f"{what} cannot be used just now ({_name(driver)})") from error


def _driver(error: Exception) -> Exception | None:
    """The driver's own error, if it is one."""
    if isinstance(error, DBAPIError):
        return error.orig if isinstance(error.orig, Exception) else None
    # By name: whoever keeps the record in SQLite should not wait for psycopg to be loaded.
    known = isinstance(error, NoConnectionFree | sqlite3.Error) or type(error).__module__.startswith("psycopg")
    return error if known else None


def _is_outage(driver: Exception) -> bool:
    if isinstance(driver, sqlite3.Error):
        return _sqlite_code(driver) in _SQLITE_OUTAGES
    kinds = {kind.__name__ for kind in type(driver).__mro__}
    return isinstance(driver, NoConnectionFree) or bool(kinds & {"OperationalError", "InterfaceError"})


def _only_reads(driver: Exception) -> bool:
    if isinstance(driver, sqlite3.Error):
        return _sqlite_code(driver) == sqlite3.SQLITE_READONLY
    return getattr(driver, "sqlstate", None) == _POSTGRES_READS_ONLY


def _sqlite_code(driver: sqlite3.Error) -> int:
    """Without the details in its upper bits. What the module itself complains of has none."""
    return int(getattr(driver, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _name(driver: Exception) -> str:
    """What the database calls it: `AdminShutdown` and `SQLITE_FULL` say more than `OperationalError`."""
    return str(getattr(driver, "sqlite_errorname", type(driver).__name__))
