"""A real PostgreSQL for tests: quick, because its data dies with the test."""

from __future__ import annotations

from typing import Final

from bot.bench.servers import postgres

# Lose everything on a power cut, gladly.
_QUICK: Final = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200", "jit=off")


class PostgresServer(postgres.PostgresServer):
    """One server; `url` is for SQLAlchemy, `conninfo` for psycopg itself."""

    def __init__(self) -> None:
        super().__init__(*_QUICK)
