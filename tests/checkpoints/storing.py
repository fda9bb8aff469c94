"""Changes what a checkpointer has stored as somebody with a database shell would."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
from sqlalchemy import make_url

from bot.checkpoints.postgres import SCHEMA
from bot.settings import Settings


def run(settings: Settings, on_sqlite: str, on_postgres: str, *values: object) -> None:
    """One statement with `?` and `%s` for the values."""
    if settings.record_url.startswith("sqlite"):
        with closing(sqlite3.connect(settings.checkpoints_path)) as connection, connection:
            connection.execute(on_sqlite, values)
        return
    conninfo = make_url(settings.record_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, options=f"-c search_path={SCHEMA}") as shell:
        shell.execute(on_postgres.encode(), values)
