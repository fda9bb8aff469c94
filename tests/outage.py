"""A PostgreSQL database that is gone for a while, as far as its clients can tell; the server itself keeps running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.postgres import PostgresServer


def _name(url: str) -> str:
    return str(make_url(url).database)


def hang_up(server: PostgresServer, url: str) -> None:
    """Ends every connection to it, as a server that is started again does."""
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (_name(url),))


@contextmanager
def gone(server: PostgresServer, url: str) -> Iterator[None]:
    """Nobody is connected, and nobody gets in."""
    switch = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute(switch.format(sql.Identifier(_name(url)), sql.SQL("false")))
        hang_up(server, url)
        try:
            yield
        finally:
            admin.execute(switch.format(sql.Identifier(_name(url)), sql.SQL("true")))
