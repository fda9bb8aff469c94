"""`strata migrate`: says where the stores stand, brings them up, refuses what is newer, and copies to PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.checkpoints import postgres, sqlite
from bot.cli.exits import DONE, REFUSED, UNREACHABLE, WRONG
from bot.record.claim import claim
from bot.record.migrate import newest
from tests.cli.strata import CANARY, Strata
from tests.cli.test_processes import end_of, start


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing was made yet."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'data' / 'record.db'}"
    return str(request.getfixturevalue("pg_database"))


def test_it_says_from_what_to_what(strata: Strata, url: str, tmp_path: Path) -> None:
    steps = sqlite.NEWEST if url.startswith("sqlite") else postgres.NEWEST
    before = strata("migrate", "--check", STRATA_RECORD_URL=url)
    assert before.code == REFUSED
    assert f"record: nothing there yet, this program needs {newest()}" in before.out
    assert not (tmp_path / "data").exists(), "to check is to change nothing"
    done = strata("migrate", STRATA_RECORD_URL=url)
    assert done.code == DONE
    assert done.out.splitlines() == [f"record: nothing -> {newest()}", f"checkpoints: nothing -> {steps}"]
    again = strata("migrate", "--check", STRATA_RECORD_URL=url)
    assert again.code == DONE
    assert again.out.splitlines() == [f"record: {newest()}, the newest", f"checkpoints: {steps}, the newest"]


def _make_newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_fault_18_a_newer_record_is_refused_and_left_as_it_is(
    strata: Strata, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    strata("migrate")
    _make_newer(tmp_path / "data" / "record.db")
    ended = strata("migrate", *arguments)
    assert ended.code == WRONG
    assert "9999" in ended.sentences[0]
    assert newest() in ended.sentences[0]
    with closing(sqlite3.connect(tmp_path / "data" / "record.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


@pytest.mark.long
async def test_two_at_once(pg_database: str, tmp_path: Path) -> None:
    both = [await start(tmp_path, "migrate", STRATA_RECORD_URL=pg_database) for _ in range(2)]
    for ended in [await end_of(one) for one in both]:
        assert ended.code == DONE, ended.err


def test_a_record_that_cannot_be_reached(strata: Strata) -> None:
    nowhere = f"postgresql+psycopg://{CANARY}:{CANARY}@127.0.0.1:1/{CANARY}"
    for arguments in ((), ("--check",)):
        assert strata("migrate", *arguments, STRATA_RECORD_URL=nowhere).code == UNREACHABLE


def test_a_copy_is_told_table_by_table_and_is_made_once(strata: Strata, tmp_path: Path, pg_database: str) -> None:
    strata("migrate")
    source = str(tmp_path / "data" / "record.db")
    done = strata("migrate", "--copy-from", source, STRATA_RECORD_URL=pg_database)
    assert done.code == DONE, done.err
    assert "audit_head: 1 of 1" in done.err
    assert "the audit chain verifies" in done.out
    assert "0 waiting threads copied" in done.out
    address = f"sqlite+aiosqlite:///{source}"
    assert strata("migrate", "--copy-from", address, STRATA_RECORD_URL=pg_database).code == DONE, "both are empty"


@pytest.mark.parametrize(
    ("arguments", "record", "word"),
    [
        (("--copy-from", "record.db"), "", "STRATA_RECORD_URL"),
        (("--copy-from", "record.db"), "postgresql+psycopg:///x", "not there"),
        (("--copy-from", "postgresql+psycopg:///x"), "postgresql+psycopg:///x", "--copy-from"),
        (("--copy-from", "record.db", "--check"), "", "--check"),
    ],
)
def test_a_copy_that_cannot_be_meant(strata: Strata, arguments: tuple[str, ...], record: str, word: str) -> None:
    ended = strata("migrate", *arguments, STRATA_RECORD_URL=record)
    assert ended.code == WRONG
    assert word in ended.sentences[0]


def test_a_record_that_a_bot_has_open_is_not_copied(strata: Strata, tmp_path: Path, pg_database: str) -> None:
    strata("migrate")
    source = tmp_path / "data" / "record.db"
    running = asyncio.run(claim(source))
    ended = strata("migrate", "--copy-from", str(source), STRATA_RECORD_URL=pg_database)
    running.release()
    assert ended.code == REFUSED
    assert "stop it first" in ended.sentences[0]
