"""A database that is gone is an outage, told in one way by both; a mistake in a statement is not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.record.outages import RecordUnavailable, telling_outages
from bot.record.record import Record
from bot.tasks import Claimed
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from graphs.errors import Outage
from tests.outage import gone, hang_up
from tests.postgres import PostgresServer
from tests.record.seeds import add_jobs, claim, to_triage, tuples

QUICK = Pace(concurrency=1, lease_s=30, poll_s=0.05, outage_s=0.05)


on_sqlite = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("record_url", ["postgresql"], indirect=True)


async def _write(record: Record) -> None:
    async with record.begin() as tx:
        await tx.audit.append("system", "noted", "s")


async def _read(record: Record) -> int:
    async with record.read() as tx:
        return await tx.audit.verify()


async def _write_as_it_dies(record: Record, dies: Callable[[], None]) -> None:
    async with record.begin() as tx:
        await tx.audit.append("system", "noted", "s")
        dies()
        await tx.audit.append("system", "noted", "s")


@on_postgresql
async def test_fault_32_postgresql_is_gone_in_the_middle_of_a_transaction(
    record: Record, record_url: str, postgres: PostgresServer
) -> None:
    before = await _read(record)
    with pytest.raises(RecordUnavailable) as error:
        await _write_as_it_dies(record, partial(hang_up, postgres, record_url))
    assert "postgresql" not in str(error.value).lower()
    assert await _read(record) == before, "nothing of it stayed, and the next comes through"
    with gone(postgres, record_url):
        for work in (_write, _read):
            with pytest.raises(Outage):
                await work(record)
    await _write(record)


@on_sqlite
async def test_a_file_that_is_locked_is_an_outage(record: Record, record_url: str) -> None:
    await _write(record)
    async with record.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout=1")
        await connection.rollback()
    path = Path(record_url.partition("///")[2])
    with closing(sqlite3.connect(path, isolation_level=None)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordUnavailable, match="SQLITE_BUSY"):
            await _write(record)
    await _write(record)


@on_sqlite
async def test_a_full_disk_is_an_outage(record: Record) -> None:
    async with record.engine.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        await connection.rollback()
    with pytest.raises(RecordUnavailable, match="SQLITE_FULL"):
        async with record.begin() as tx:
            await tx.audit.append("system", "x" * 100_000, "s")


async def _ask_nonsense(record: Record) -> None:
    async with record.begin() as tx:
        await tx._db.execute(text("SELECT nothing FROM nowhere"))


async def _write_while_reading(record: Record) -> None:
    async with record.read() as tx:
        await tx.jobs.add(to_triage())


@pytest.mark.parametrize("mistake", [_ask_nonsense, _write_while_reading])
async def test_mistakes_are_no_outages(record: Record, mistake: Callable[[Record], Awaitable[None]]) -> None:
    with pytest.raises(SQLAlchemyError):
        await mistake(record)


async def _next(record: Record) -> Claimed:
    async with asyncio.timeout(10):
        while (job := await claim(record)) is None:  # noqa: ASYNC110  # the store's clock tells no event
            await asyncio.sleep(0.01)
    return job


async def test_fault_32_a_job_waits_outages_out_without_a_penalty(record: Record) -> None:
    """However often the record is gone while it works, the attempt is not counted."""
    await add_jobs(record, to_triage())
    worker = Worker(record, InProcess(), {"triage_ticket": _cut_off}, _buried, QUICK)
    for _ in range(3):
        job = await _next(record)
        assert job.attempts == 1
        await worker.work(job)
    ((state, attempts, error),) = await tuples(record, text("SELECT state, attempts, error FROM jobs"))
    assert (state, attempts) == ("ready", 0)
    assert "cannot be used just now" in str(error)


async def _cut_off(_job: Claimed) -> None:
    with telling_outages():
        raise _full_disk()


def _full_disk() -> sqlite3.OperationalError:
    """As the driver raises it: the code is set by SQLite itself."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA max_page_count=1")
        try:
            connection.execute("CREATE TABLE t (a)")
        except sqlite3.OperationalError as error:
            return error
    raise AssertionError("a disk of one page holds no table")


async def _buried(*_any: object) -> None:
    raise AssertionError("given up")
