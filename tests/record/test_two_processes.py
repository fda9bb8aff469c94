"""SQLite with several processes: they queue for the one writer's place, and none is told that the file is locked."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.record import migrate
from bot.record.engine import open_engine, reading
from bot.record.record import Record
from bot.work.delivery import InProcess
from graphs.model import ProposalId
from tests.builders import an_approval
from tests.record.seeds import proposed, together

PROPOSALS = 40
_ROOT = Path(__file__).parents[2]
_CLICKS = """
import asyncio, sys
from bot.record.record import Record
from bot.work.delivery import InProcess
from tests.record.test_two_processes import click_on_all

async def main():
    record = Record(sys.argv[1], InProcess())
    print("ready", flush=True)
    sys.stdin.readline()
    print(await click_on_all(record, sys.argv[2]), flush=True)
    await record.close()

asyncio.run(main())
"""


async def _click(record: Record, number: int, who: str) -> int:
    async with record.begin() as transaction:
        proposal = await transaction.proposals.get(ProposalId(f"proposal-{number}"))
        assert proposal is not None
        if not await transaction.proposals.decide(proposal, an_approval(who)):
            return 0
        await transaction.audit.append(f"human:{who}", "approved", proposal.id)
    return 1


async def click_on_all(record: Record, who: str) -> int:
    """Decides every proposal as fast as it can; how many of them were won."""
    return sum(await together(_click(record, number, who) for number in range(PROPOSALS)))


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
    won = await together(click_on_all(record, f"U{n}") for n, record in enumerate(records))
    assert sum(won) == PROPOSALS
    for record in records:
        await record.close()
    assert await _verified(shared) == PROPOSALS


async def test_three_processes_write_into_one_file_at_once(shared: str) -> None:
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CLICKS, shared, who, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=_ROOT
        )
        for who in ("U1", "U2")
    ]
    for other in others:
        assert other.stdout is not None
        assert await other.stdout.readline() == b"ready\n"
    mine = Record(shared, InProcess())
    won, told = await asyncio.gather(
        click_on_all(mine, "U0"), asyncio.gather(*(other.communicate(b"go\n") for other in others))
    )
    await mine.close()
    for other, (_, complaint) in zip(others, told, strict=True):
        assert other.returncode == 0, complaint.decode()
    assert won + sum(int(output) for output, _ in told) == PROPOSALS
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
