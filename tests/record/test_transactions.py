"""All of a transaction or nothing of it; readers see one moment and hold nobody up; workers wake after the commit."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.record.absences import Away
from bot.record.inbox import Delivery, Outcome
from bot.record.incidents import Wrong
from bot.record.lessons import verdict_on
from bot.record.record import Record, Transaction
from bot.record.snoozes import Snooze
from bot.record.tables import metadata
from graphs.model import Proposal, TriageId, TriageState
from tests.builders import NOW, ON_DUTY, a_proposal, a_ref, an_actor, an_approval
from tests.record.conftest import OpenRecord
from tests.record.seeds import add_jobs, claimed, proposed, started, then_crash, to_refresh, to_triage, together

STATEMENTS = 34
"""A few more than `_everything` makes."""


class Bell:
    """A delivery that writes down what was visible to others at the moment of the wake-up."""

    def __init__(self) -> None:
        self.rings: list[set[str]] = []

    def wake(self, kinds: Iterable[str]) -> None:
        self.rings.append(set(kinds))

    async def wait(self, kinds: frozenset[str], timeout_s: float) -> None:
        raise NotImplementedError


@pytest.fixture
async def bell(record_url: str) -> AsyncIterator[tuple[Record, Bell]]:
    bell = Bell()
    record = Record(record_url, bell)
    yield record, bell
    await record.close()


async def _everything(transaction: Transaction, decided: Proposal | None = None) -> None:
    """Writes through every repository, last of all the decision."""
    delivery = Delivery(provider="github", install="main", delivery_id="1", name="issues.opened", body=b"{}")
    await transaction.inbox.store(delivery, Outcome.ACCEPTED, "opened")
    await transaction.triages.begin(TriageId("triage-9"), a_ref(9), "opened")
    await transaction.triages.keep(TriageId("triage-9"), "screen", "{}")
    proposal = a_proposal("proposal-9", "triage-9", target=a_ref(9))
    await transaction.proposals.add(proposal)
    await transaction.outbox.add(proposal)
    [row, *_] = await transaction.outbox.of(proposal.id)
    await transaction.outbox.record_effect(row, a_ref(9).key, "label", "x")
    await transaction.cards.reserve(TriageId("triage-9"), "C1")
    await transaction.cards.remember(an_actor())
    await transaction.jobs.add(to_triage())
    await transaction.leases.take("leader", "me", 1000)
    await transaction.switches.turn("all", on=True, by="me", why="because")
    seq = await transaction.audit.append("system", "did", "everything")
    await transaction.lessons.add(proposal, verdict_on(proposal, an_approval(), None), ON_DUTY, 0.8, seq)
    await transaction.snoozes.put(Snooze(proposal=proposal.id, until=NOW, due_at=NOW, by=ON_DUTY))
    await transaction.absences.put(Away(user=ON_DUTY, first=date(2026, 12, 1), last=date(2026, 12, 2)))
    await transaction.incidents.open(proposal, Wrong.UNSAFE, "because", ON_DUTY)
    await transaction.consents.give(proposal, ON_DUTY)
    await transaction.proposals.decide(decided or proposal, an_approval())


async def _counts(record: Record) -> dict[str, int]:
    async with record.engine.connect() as connection:
        return {
            name: int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
            for name, table in metadata.tables.items()
            if name not in {"audit_head", "quarantine"}
        }


async def test_a_transaction_is_written_as_a_whole(record: Record) -> None:
    async with record.begin() as transaction:
        await _everything(transaction)
    assert all(count > 0 for count in (await _counts(record)).values())


async def test_an_exception_takes_everything_back(record: Record) -> None:
    with pytest.raises(ZeroDivisionError):
        async with record.begin() as transaction:
            await then_crash(_everything(transaction))
    assert set((await _counts(record)).values()) == {0}


async def test_an_error_of_the_database_takes_everything_back(record: Record) -> None:
    with pytest.raises(SQLAlchemyError):
        async with record.begin() as transaction:
            await _everything(transaction, decided=a_proposal("never stored"))
    assert set((await _counts(record)).values()) == {0}


async def test_a_cancelled_transaction_is_taken_back_and_the_next_goes_on(record: Record) -> None:
    """A lost lease cancels its task; whatever the moment, nothing half written stays and nobody waits for it."""
    for statement in range(1, STATEMENTS + 1):
        work = asyncio.create_task(_write_and_wait(record))
        remove = _when_it_executes(record, statement, work.cancel)
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await work
        remove()
        # `cancelled` keeps the traceback, and with it every cursor, alive: the lock must be gone all the same.
        async with asyncio.timeout(5):
            assert set((await _counts(record)).values()) == {0}
        del cancelled
    async with record.begin() as transaction:
        await _everything(transaction)
    assert all(count > 0 for count in (await _counts(record)).values())


async def _write_and_wait(record: Record) -> None:
    async with record.begin() as transaction:
        await _everything(transaction)
        raise asyncio.CancelledError  # the trap lies beyond the last statement: cancelled between two of them


def _when_it_executes(record: Record, statement: int, act: Callable[[], object]) -> Callable[[], None]:
    """Calls `act` while the database works on the n-th statement from now; returns what takes the trap away."""
    seen = itertools.count(1)

    def executing(*_what: object) -> None:
        if next(seen) == statement:
            asyncio.get_running_loop().call_soon(act)

    event.listen(record.engine.sync_engine, "before_cursor_execute", executing)
    return lambda: event.remove(record.engine.sync_engine, "before_cursor_execute", executing)


async def test_nothing_is_seen_before_the_commit(record: Record, rival: Record) -> None:
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage())
        async with rival.read() as other:
            assert await other.jobs.count("ready") == 0
    async with rival.read() as other:
        assert await other.jobs.count("ready") == 1


async def test_a_reader_sees_one_moment_and_holds_no_writer_up(record: Record, rival: Record) -> None:
    await add_jobs(record, to_triage())
    async with record.read() as reader:
        assert await reader.jobs.count("ready") == 1
        async with asyncio.timeout(5):
            await add_jobs(rival, to_triage())
            await add_jobs(record, to_triage())
        assert await reader.jobs.count("ready") == 1
    async with record.read() as reader:
        assert await reader.jobs.count("ready") == 3


async def test_a_writer_holds_no_reader_up(record: Record, rival: Record) -> None:
    async with record.begin() as writer:
        await _everything(writer)
        async with asyncio.timeout(5), record.read() as mine, rival.read() as theirs:
            assert await mine.audit.entries() == []
            assert await theirs.audit.entries() == []


async def test_reading_writes_nothing(record: Record) -> None:
    with pytest.raises(SQLAlchemyError):
        async with record.read() as reader:
            await reader.jobs.add(to_triage())
    await add_jobs(record, to_triage())
    async with record.read() as reader:
        assert await reader.jobs.count("ready") == 1


async def test_workers_wake_after_the_commit_and_once(bell: tuple[Record, Bell]) -> None:
    record, rung = bell
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage())
        await transaction.jobs.add(to_triage())
        await transaction.jobs.add(to_refresh())
        assert rung.rings == []
    assert rung.rings == [{"triage_ticket", "refresh_card"}]


async def test_at_the_wake_up_the_work_is_there(record_url: str, record: Record) -> None:
    seen: list[asyncio.Task[int]] = []

    class Looking(Bell):
        def wake(self, kinds: Iterable[str]) -> None:
            seen.append(asyncio.ensure_future(_ready(record)))

    waking = Record(record_url, Looking())
    await add_jobs(waking, to_triage())
    assert await seen[0] == 1
    await waking.close()


async def _ready(record: Record) -> int:
    async with record.read() as transaction:
        return await transaction.jobs.count("ready")


async def test_nobody_wakes_without_work(bell: tuple[Record, Bell]) -> None:
    record, rung = bell
    with pytest.raises(ZeroDivisionError):
        async with record.begin() as transaction:
            await then_crash(transaction.jobs.add(to_triage()))
    assert rung.rings == []
    async with record.begin() as transaction:
        await transaction.jobs.add(to_triage(), key="once")
    async with record.begin() as transaction:
        assert not await transaction.jobs.add(to_triage(), key="once")
        await transaction.audit.append("system", "did", "nothing else")
    async with record.read() as transaction:
        await transaction.jobs.count("ready")
    assert len(rung.rings) == 1


async def test_a_job_and_its_results_are_one(record: Record) -> None:
    """What a handler writes stands or falls with the end of its job."""
    triage = await started(record)
    await add_jobs(record, to_triage())
    job = await claimed(record)

    async def work(transaction: Transaction) -> None:
        await transaction.triages.move(triage, TriageState.QUEUED, TriageState.AWAITING)
        await transaction.jobs.finish(job)

    with pytest.raises(ZeroDivisionError):
        async with record.begin(job) as transaction:
            await then_crash(work(transaction))
    async with record.begin(job) as transaction:
        assert (await transaction.triages.get(triage)).state is TriageState.QUEUED
        await work(transaction)
    async with record.read() as transaction:
        assert await transaction.jobs.count("done") == 1
        assert (await transaction.triages.get(triage)).state is TriageState.AWAITING


async def test_the_stores_clock_is_in_milliseconds_and_goes_on(record: Record) -> None:
    async with record.read() as transaction:
        first = await transaction.now()
        second = await transaction.now()
    assert second >= first
    day = 86_400_000
    assert abs(first - time.time() * 1000) < day  # milliseconds, not seconds or microseconds


async def test_a_transaction_within_a_transaction_is_refused(record: Record) -> None:
    """On SQLite it would wait for itself for ever; on PostgreSQL it would commit on its own."""
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError, match="within a transaction"):
            async with record.begin():
                await add_jobs(record, to_triage())
        await add_jobs(record, to_refresh())
    assert await _ready(record) == 1


async def test_many_transactions_at_once_all_come_through(open_record: OpenRecord) -> None:
    records = [open_record() for _ in range(3)]
    await together(add_jobs(records[n % 3], to_triage(a_ref(n))) for n in range(60))
    assert await _ready(records[0]) == 60


async def test_reading_and_writing_share_the_connections(record: Record) -> None:
    """A connection that was used for reading writes again, and the other way round."""
    for number in range(4):
        await proposed(record, number)
        async with record.read() as reader:
            assert len(await reader.triages.waiting(10)) == 0
