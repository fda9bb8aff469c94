"""The store fails in the middle of a write, or the tracker for ever: nothing twice, nothing lost, people told."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.record.outages import RecordUnavailable
from bot.record.record import Record
from bot.service.triaging import buried
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from graphs.errors import TrackerUnavailable
from graphs.model import Approved, TriageState
from tests.executor.bench import ALL, Bench, approved, sent

IMPATIENT = Pace(concurrency=1, poll_s=0.01, backoff_s=0.001, backoff_max_s=0.002, outage_s=0.001, patience_s=0.0)


def fill(record: Record, pages: int) -> None:
    """Every connection from now on may let the file grow by so many pages: what a full disk looks like to SQLite."""

    def limit(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count={cursor.fetchone()[0] + pages}")  # type: ignore[index]  # one row

    event.listen(record.engine.sync_engine, "connect", limit)


async def test_fault_38_a_full_disk_stops_the_writing_before_anything_is_sent(record: Record, tmp_path: Path) -> None:
    bench = await approved(record)
    padding = "x" * 3_000_000  # so that what is stored next needs new pages
    async with record.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE padding (body TEXT)"))
    await record.engine.dispose()
    fill(record, 0)
    with pytest.raises((RecordUnavailable, OperationalError), match=r"(?i)full"):
        async with record.engine.begin() as connection:
            await connection.execute(text("INSERT INTO padding VALUES (:body)"), {"body": padding})

    @event.listens_for(record.engine.sync_engine, "before_cursor_execute")
    def grow(_c: object, cursor: sqlite3.Cursor, said: str, *_rest: object) -> None:
        if full and said.startswith("UPDATE outbox"):
            cursor.execute("INSERT INTO padding VALUES (?)", (padding,))

    full = True
    job = await bench.claim()
    with pytest.raises((RecordUnavailable, OperationalError), match=r"(?i)full"):
        await bench.executor().handle(job)
    assert bench.tracker.writes == []
    assert await bench.outcomes() == ["pending"] * 4
    full = False
    await bench.again()
    assert await bench.outcomes() == ["done applied"] * 4
    assert sent(bench) == ALL
    async with record.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"


@pytest.mark.parametrize("position", [0, 3])
async def test_fault_15_38_an_effect_whose_audit_entry_could_not_be_written_is_found_by_reading(
    record: Record, position: int
) -> None:
    """The ticket was changed, then there was no room for the entry: it is there once in the end, like the effect."""
    bench = await approved(record)
    entries = 0
    broken = True

    @event.listens_for(record.engine.sync_engine, "before_cursor_execute")
    def fail(_c: object, _cursor: object, said: str, *_rest: object) -> None:
        nonlocal entries
        if broken and said.startswith("INSERT INTO audit"):
            entries += 1
            if entries > position:
                raise OperationalError(said, {}, OSError("no space left on device"))

    with pytest.raises(OperationalError):
        await bench.run()
    assert (await bench.outcomes())[position] == "sending"
    broken = False
    await bench.again()
    assert await bench.outcomes() == ["done applied"] * 4
    assert sent(bench) == ALL
    assert [one.action for one in await bench.audited()] == ["write_applied"] * 4


async def test_fault_51_a_tracker_that_is_down_beyond_all_patience_ends_visibly(record: Record) -> None:
    """The approval stands, what could not be written says so, and the card and the thread are seen to."""
    bench = await approved(record)

    def down(call: str) -> None:
        if call == "assign":
            raise TrackerUnavailable("no answer")

    bench.tracker.between = down
    worker = Worker(record, InProcess(), {"execute_proposal": bench.executor().handle}, buried, IMPATIENT)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while (await bench.triage())[0] is TriageState.APPLYING:  # noqa: ASYNC110  # the record has no event
            await asyncio.sleep(0.01)
    worker.stop()
    await running
    assert await bench.outcomes() == ["done applied", "done applied", "failed given_up", "failed given_up"]
    assert (await bench.triage())[0] is TriageState.FAILED
    async with record.begin() as tx:
        assert isinstance(await tx.proposals.decision(bench.proposal.id), Approved)
        assert [kind for _, kind, _ in await tx.jobs.dead()] == ["execute_proposal"]
        follow = [await tx.jobs.claim(["refresh_card", "settle_triage"], "tests", 1000)]
    assert follow[0] is not None
    assert (await bench.audited())[-1].action == "job_given_up"


async def test_fault_11_what_was_approved_is_written_by_whoever_comes_next(record: Record) -> None:
    """The one who claimed it died before it began: its lease runs out, and another one begins."""
    bench = await approved(record)
    assert (await bench.claim(lease_ms=-1)).attempts == 1
    second = await bench.claim()
    assert second.attempts == 2
    await bench.executor().handle(second)
    assert sent(bench) == ALL


async def until_written(bench: Bench) -> None:
    while await bench.outcomes() != ["done applied"] * 4:  # noqa: ASYNC110  # the record has no event
        await asyncio.sleep(0.01)


async def test_fault_37_a_record_that_is_locked_delays_the_writing_and_doubles_nothing(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else holds the file for longer than SQLite waits: what fails is tried again."""
    bench = await approved(record)

    def soon(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.cursor().execute("PRAGMA busy_timeout=20")

    event.listen(record.engine.sync_engine, "connect", soon)
    await record.engine.dispose()
    rival = sqlite3.connect(str(record.engine.url.database), isolation_level=None, timeout=5)

    def lock(call: str) -> None:
        if call == "assign" and not rival.in_transaction:
            rival.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(0.3, rival.execute, "ROLLBACK")
            bench.tracker.between = lambda _: None

    bench.tracker.between = lock
    pace = Pace(concurrency=1, lease_s=0.5, poll_s=0.01, backoff_s=0.001, backoff_max_s=0.002, outage_s=0.001)
    worker = Worker(record, InProcess(), {"execute_proposal": bench.executor().handle}, buried, pace)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        await until_written(bench)
    worker.stop()
    await running
    rival.close()
    assert sent(bench) == ALL
