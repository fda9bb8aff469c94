"""One SQLite file opened several times: writers queue for the one place, and none is told that the file is locked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.record import migrate
from bot.record.engine import open_engine, reading
from bot.record.record import Record
from bot.work.delivery import InProcess
from tests.record.crowd import click_on_all
from tests.record.seeds import proposed, together

PROPOSALS = 40


@pytest.fixture
async def shared(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of one file with undecided proposals in it."""
    file = tmp_path / "shared.db"
    file.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite+aiosqlite:///{file}"
    record = Record(url, InProcess())
    for number in range(PROPOSALS):
        await proposed(record, number)
    await record.close()
    return url


async def _verified(url: str) -> int:
    record = Record(url, InProcess())
    async with record.read() as transaction:
        count = await transaction.audit.verify()
    await record.close()
    return count


async def test_two_records_on_one_file_write_at_once(shared: str) -> None:
    records = [Record(shared, InProcess()) for _ in range(2)]
    won = await together(click_on_all(record, f"U{n}", PROPOSALS) for n, record in enumerate(records))
    assert sorted(one for share in won for one in share) == list(range(PROPOSALS))
    for record in records:
        await record.close()
    assert await _verified(shared) == PROPOSALS


async def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Switching a new file to the write-ahead log needs it alone for a moment."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'down' / 'new.db'}"
    engines = [open_engine(url) for _ in range(12)]
    await together(migrate.upgrade(engine) for engine in engines)
    assert Counter([await migrate.current(engine) for engine in engines]) == {migrate.newest(): 12}
    for engine in engines:
        await engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)]
)
async def test_every_connection_is_set_to_survive_a_power_cut(shared: str, pragma: str, value: object) -> None:
    engine = open_engine(shared)
    async with reading(engine) as one, reading(engine) as two:
        for connection in (one, two):
            assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value
    await engine.dispose()
