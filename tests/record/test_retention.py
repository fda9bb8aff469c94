"""The sweep forgets what is old, nothing else, and whatever happens to it on the way does no harm."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import Table, func, select, update

from bot.checkpoints.guarded import Guarded
from bot.checkpoints.opening import open_checkpoints
from bot.record.engine import LOG_BYTES
from bot.record.inbox import Delivery, Outcome
from bot.record.record import Record
from bot.record.retention import DAY_MS, DELIVERIES_MS, Rules, Swept, blind, sweep
from bot.record.size import measure
from bot.record.tables import (
    audit,
    cards,
    decisions,
    effects,
    inbox,
    jobs,
    metadata,
    outbox,
    proposals,
    quarantine,
    steps,
    tickets,
    triages,
)
from bot.settings import Settings
from bot.tasks import SettleTriage, TakeVerdict, TriageTicket
from bot.work.delivery import InProcess
from graphs.answers import Screened
from graphs.model import OutboxState, Proposal, TriageId, TriageState
from graphs.runner import Runner
from graphs.state import Step
from tests.builders import NOW, a_clean_ticket, a_ref, a_ticket, an_approval
from tests.graphs.doubles import a_bench
from tests.record.seeds import Mortal, proposed, rows, tamper, together, tuples

RULES = replace(Rules.of(bodies_days=14, work_days=30, key=b"k" * 32), pause_s=0.0)
NOTHING = Swept(bodies=0, jobs=0, triages=0, deliveries=0, threads=0)
NOW_OVER = replace(RULES, bodies_ms=-1, work_ms=-1, deliveries_ms=-1, settled_ms=-1)
"""As if everything that is there had grown old."""


@pytest.fixture
async def saver(record_url: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    settings = Settings(_env_file=None, strata_directory=tmp_path, strata_record_url=record_url)
    async with open_checkpoints(settings) as opened:
        for left in await opened.threads():
            await opened.adelete_thread(left)
        yield opened


def _delivery(number: int = 1, body: bytes = b"{}", provider: str = "slack") -> Delivery:
    return Delivery(provider=provider, install="T0", delivery_id=f"d{number}", name="verdict", body=body)


async def _arrived(record: Record, *deliveries: Delivery) -> list[tuple[Outcome, int]]:
    async with record.begin() as tx:
        return [await tx.inbox.store(one, Outcome.ACCEPTED, "") for one in deliveries]


async def _aged(record: Record, table: Table, days: float) -> None:
    """Everything in the table happened that much earlier."""
    times = ("received_at", "created_at", "finished_at", "changed_at")
    by = int(days * DAY_MS)
    await tamper(record, update(table).values({name: table.c[name] - by for name in times if name in table.c}))


async def _bodies(record: Record, table: Table = inbox) -> list[bytes]:
    return [bytes(row.body) for row in await rows(record, select(table.c.body).order_by(table.c.id))]


async def _count(record: Record, table: Table) -> int:
    [row] = await rows(record, select(func.count()).select_from(table))
    return int(str(row[0]))


async def test_young_rows_stay(record: Record, saver: Guarded) -> None:
    await _decided(record, 1)
    await _arrived(record, _delivery())
    before = await _everything(record)
    assert await sweep(record, saver, RULES) == NOTHING
    assert await _everything(record) == before


async def test_bodies_go_and_a_repeated_delivery_is_still_known(record: Record, saver: Guarded) -> None:
    await _arrived(record, _delivery(1, b"one"), _delivery(1, b"other"), _delivery(2, b"two"))
    await _aged(record, inbox, 15)
    await _aged(record, quarantine, 15)
    await _arrived(record, _delivery(3, b"three"))
    assert (await sweep(record, saver, RULES)).bodies == 3
    assert await _bodies(record) == [b"", b"", b"three"]
    assert await _bodies(record, quarantine) == [b""]
    repeated = await _arrived(record, _delivery(1, b"one"), _delivery(2, b"2"))
    assert [outcome for outcome, _ in repeated] == [Outcome.DUPLICATE, Outcome.QUARANTINED]


@pytest.mark.parametrize(("state", "error"), [("ready", ""), ("dead", ""), ("dead", "dropped: old"), ("done", "")])
async def test_a_body_that_is_still_to_be_read_stays(record: Record, saver: Guarded, state: str, error: str) -> None:
    """A click that waits for the end of a long pause, or lies in the dead letters, can still be worked on."""
    async with record.begin() as tx:
        _, row = await tx.inbox.store(_delivery(1, b"click"), Outcome.ACCEPTED, "")
        await tx.jobs.add(TakeVerdict(delivery=row))
    await tamper(record, update(jobs).values(state=state, error=error))
    if state != "ready":
        await tamper(record, update(jobs).values(finished_at=jobs.c.created_at))
    await _arrived(record, _delivery(2, b""))
    for table in (inbox, jobs):
        await _aged(record, table, 100)
    await sweep(record, saver, RULES)
    stays = state != "done" and not error
    assert await _bodies(record) == ([b"click", b""] if stays else [b""])


async def test_deliveries_are_known_for_at_least_ninety_days(record: Record, saver: Guarded) -> None:
    assert Rules.of(bodies_days=1, work_days=1, key=b"").deliveries_ms == DELIVERIES_MS >= 7 * DAY_MS
    assert Rules.of(bodies_days=1, work_days=400, key=b"").deliveries_ms == 400 * DAY_MS
    await _arrived(record, *(_delivery(number) for number in (1, 2, 3)))
    await _aged(record, inbox, 89)
    assert (await sweep(record, saver, RULES)).deliveries == 0
    await _aged(record, inbox, 2)
    assert (await sweep(record, saver, RULES)).deliveries == 2
    assert [row.delivery_id for row in await rows(record, select(inbox))] == ["d3"], (
        "the last number is not given again"
    )


async def _finished(record: Record, *numbers: int) -> None:
    async with record.begin() as tx:
        for number in numbers:
            await tx.jobs.add(TriageTicket(ref=a_ref(number), why="opened"), ticket=a_ref(number).key)
            job = await tx.jobs.claim(["triage_ticket"], "w", 60_000)
            assert job is not None
            await tx.jobs.finish(job)


async def test_finished_jobs_go_but_no_number_comes_twice(record: Record, saver: Guarded) -> None:
    """A job's number makes its triage's id: given out again, the new ticket would count as triaged."""
    await _finished(record, 1, 2, 3)
    await _aged(record, jobs, 31)
    assert (await sweep(record, saver, RULES)).jobs == 2
    [third] = await tuples(record, select(jobs.c.id))
    await _finished(record, 4)
    assert await tuples(record, select(jobs.c.id).order_by(jobs.c.id)) == [third, (int(str(third[0])) + 1,)]


async def test_work_that_is_not_finished_stays_however_old(record: Record, saver: Guarded) -> None:
    await _finished(record, 1, 2)
    async with record.begin() as tx:
        for number in range(3, 8):
            await tx.jobs.add(TriageTicket(ref=a_ref(number), why="opened"), ticket=a_ref(number).key)
    for number, state in ((3, "leased"), (4, "dead"), (5, "dead"), (6, "done")):
        error = "dropped: nobody wants it" if number == 5 else ""
        finished = None if state == "leased" else 0
        changed = {"state": state, "finished_at": finished, "error": error, "turn": None}
        await tamper(record, update(jobs).where(jobs.c.ticket_key == a_ref(number).key).values(changed))
    await _aged(record, jobs, 400)
    await sweep(record, saver, RULES)
    left = await tuples(record, select(jobs.c.ticket_key, jobs.c.state).order_by(jobs.c.id))
    assert left == [(a_ref(n).key, s) for n, s in ((2, "done"), (3, "leased"), (4, "dead"), (7, "ready"))]


def _screened(author: str) -> str:
    ticket = a_clean_ticket(a_ticket(author=author))
    return Screened(ticket=ticket, closed=False, opened_at=NOW).model_dump_json()


async def _decided(record: Record, number: int, author: str = "reporter-1") -> Proposal:
    """A ticket that went all the way."""
    proposal = await proposed(record, number)
    triage = proposal.triage
    async with record.begin() as tx:
        await tx.triages.keep(triage, Step.SCREEN, _screened(author))
        await tx.triages.keep(triage, Step.SETTLE, '"approved"')
        await tx.triages.move(triage, TriageState.QUEUED, TriageState.AWAITING)
        await tx.cards.reserve(triage, "C1")
        await tx.proposals.decide(proposal, an_approval())
        await tx.outbox.add(proposal)
        for row in await tx.outbox.of(proposal.id):
            await tx.outbox.move(row, OutboxState.DONE, 1, "applied")
            await tx.outbox.record_effect(row, proposal.target.key, "label", "x")
        await tx.triages.move(triage, TriageState.AWAITING, TriageState.APPLYING)
        await tx.triages.move(triage, TriageState.APPLYING, TriageState.CLOSED)
        await tx.audit.append("human:U1", "approved", proposal.target.key, why="it is right")
    return proposal


async def _waiting(record: Record, number: int) -> Proposal:
    proposal = await proposed(record, number)
    async with record.begin() as tx:
        await tx.triages.keep(proposal.triage, Step.SCREEN, _screened("reporter-2"))
        await tx.triages.move(proposal.triage, TriageState.QUEUED, TriageState.AWAITING)
    return proposal


FOR_EVER = (triages, proposals, decisions, outbox, effects, cards, audit)


async def _everything(record: Record, *tables: Table) -> dict[str, list[tuple[object, ...]]]:
    return {one.name: sorted(await tuples(record, select(one)), key=repr) for one in tables or metadata.sorted_tables}


async def test_answers_of_ended_triages_go_and_the_record_of_decisions_stays(record: Record, saver: Guarded) -> None:
    await _decided(record, 1)
    await _waiting(record, 2)
    await _aged(record, triages, 31)
    await _decided(record, 3)
    before = await _everything(record, *FOR_EVER)
    assert (await sweep(record, saver, RULES)).triages == 1
    left = await tuples(record, select(steps.c.triage_id).distinct().order_by(steps.c.triage_id))
    assert left == [("triage-2",), ("triage-3",)]
    assert await _everything(record, *FOR_EVER) == before
    found = await tuples(record, select(tickets.c.key, tickets.c.reporter).order_by(tickets.c.key))
    assert found == [(a_ref(1).key, blind(RULES.key, "Reporter-1")), (a_ref(2).key, None), (a_ref(3).key, None)]
    async with record.read() as tx:
        assert await tx.audit.verify() == 2


async def _thread(saver: Guarded, name: str) -> Runner:
    """A thread that waits for a person."""
    runner = Runner(saver, a_bench().deps)
    await runner.start(TriageId(name), a_ref())
    return runner


async def test_17_a_sweep_beside_live_threads_leaves_them_alone(record: Record, saver: Guarded) -> None:
    """Of every thread there is, those go whose triage has ended or was never known; a second sweep finds nothing."""
    decided, waiting = await _decided(record, 1), await _waiting(record, 2)
    settling = await _decided(record, 3)
    async with record.begin() as tx:
        task = SettleTriage(triage=settling.triage, proposal=settling.id)
        await tx.jobs.add(task, key=f"settle:{settling.triage}")
    names = (decided.triage, waiting.triage, settling.triage, "never-known")
    runners = {name: await _thread(saver, name) for name in names}
    assert (await sweep(record, saver, RULES)).threads == 1, "what has just ended may be at its settling"
    await _aged(record, triages, 1)
    assert (await sweep(record, saver, RULES)).threads == 1
    assert set(await saver.threads()) == {waiting.triage, settling.triage}
    assert await sweep(record, saver, RULES) == NOTHING
    await runners[waiting.triage].resume(waiting.triage, waiting.id, "approved")
    assert await saver.threads() == [settling.triage]


async def _rest(saver: Guarded, name: str) -> None:
    """A write without a checkpoint, as a worker leaves it that was killed in the middle of deleting."""
    config = {"configurable": {"thread_id": name, "checkpoint_ns": "", "checkpoint_id": "1"}}
    await saver.aput_writes(config, [("outcome", "x")], "task")  # type: ignore[arg-type]  # a config


async def test_the_rest_of_a_thread_is_swept_too(record: Record, saver: Guarded) -> None:
    await _rest(saver, "half-deleted")
    assert await saver.threads() == []
    assert (await sweep(record, saver, RULES)).threads == 1
    assert (await sweep(record, saver, RULES)).threads == 0


async def test_41_a_thread_with_hostile_bytes_is_swept_unread(record: Record, saver: Guarded) -> None:
    await _thread(saver, "hostile")
    bomb = b"\xc7\x00\x00 not ours"
    if isinstance(saver, AsyncPostgresSaver):
        async with saver._cursor() as cursor:
            await cursor.execute("UPDATE checkpoint_writes SET type = 'pickle', blob = %s", (bomb,))
            await cursor.execute("UPDATE checkpoint_blobs SET type = 'pickle', blob = %s", (bomb,))
    else:
        assert isinstance(saver, AsyncSqliteSaver)
        await saver.conn.execute("UPDATE checkpoints SET type = 'pickle', checkpoint = ?", (bomb,))
        await saver.conn.commit()
    assert (await sweep(record, saver, RULES)).threads == 1
    assert await saver.threads() == []


async def _a_lot(record: Record, saver: Guarded) -> None:
    for number in range(1, 4):
        await _decided(record, number)
        await _rest(saver, f"lost-{number}")
    await _waiting(record, 6)
    await _arrived(record, *(_delivery(number, b"body") for number in range(1, 4)))
    await _finished(record, *range(1, 4))


LEFT = {"inbox": 1, "jobs": 1, "steps": 1}


async def test_a_sweep_that_was_cut_off_anywhere_is_finished_by_the_next(record: Record, saver: Guarded) -> None:
    """In batches of one, so that there are many places, it is stopped after each of its transactions in turn."""
    await _a_lot(record, saver)
    kept = await _everything(record, *FOR_EVER)
    small = replace(NOW_OVER, batch=1)
    for length in itertools.count(1):
        try:
            await sweep(Mortal(record, length), saver, small)  # type: ignore[arg-type]  # all that a sweep asks of it
        except ZeroDivisionError:
            assert await _everything(record, *FOR_EVER) == kept
        else:
            break
    assert length > 3
    assert {name: await _count(record, metadata.tables[name]) for name in LEFT} == LEFT
    assert await _everything(record, *FOR_EVER) == kept
    assert await sweep(record, saver, small) == NOTHING


async def test_several_sweeps_at_once_do_no_harm(record: Record, rival: Record, saver: Guarded) -> None:
    await _a_lot(record, saver)
    kept = await _everything(record, *FOR_EVER)
    small = replace(NOW_OVER, batch=2)
    await together(sweep(one, saver, small) for one in (record, rival, record, rival))
    assert {name: await _count(record, metadata.tables[name]) for name in LEFT} == LEFT
    assert await _everything(record, *FOR_EVER) == kept
    assert await sweep(record, saver, small) == NOTHING


async def test_an_approval_gets_its_turn_between_two_batches(
    record: Record, rival: Record, saver: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transaction of a sweep touches more rows than a batch, and in each pause others may write."""
    await _finished(record, *range(1, 8))
    seen: list[int] = []

    async def approve(_pause_s: float) -> None:
        seen.append(await _count(rival, jobs))
        async with rival.begin() as tx:
            await tx.audit.append("human:U1", "approved", "t")

    monkeypatch.setattr("bot.record.retention.asyncio.sleep", approve)
    await sweep(record, saver, replace(NOW_OVER, batch=2))
    assert seen[:3] == [5, 3, 1]


async def _pragma(record: Record, name: str) -> int:
    async with record.engine.connect() as connection:
        return int((await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one())


async def test_an_sqlite_file_gets_shorter_and_its_log_does_not_grow(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Free pages go back to the system, but for a share that the next tickets use."""
    monkeypatch.setattr("bot.record.ageing.SPARE_PAGES", 8)
    monkeypatch.setattr("bot.record.threads.SPARE_PAGES", 8)
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'record.db')}"
    record = Record(url, InProcess())
    settings = Settings(_env_file=None, strata_directory=tmp_path, strata_record_url=url)
    async with open_checkpoints(settings) as saver:
        assert await _pragma(record, "journal_size_limit") == LOG_BYTES
        empty = await _pragma(record, "page_count")
        await _arrived(record, *(_delivery(number, b"x" * 40_000) for number in range(1, 21)))
        full = await _pragma(record, "page_count")
        assert full > empty + 190
        await sweep(record, saver, NOW_OVER)
        assert await _pragma(record, "page_count") < empty + 60
        assert await _pragma(record, "freelist_count") <= empty
        await _arrived(record, *(_delivery(number, b"x" * 40_000) for number in range(21, 41)))
        assert await _pragma(record, "page_count") <= full
    await record.close()


async def test_sizes_are_told_table_by_table(record: Record) -> None:
    before = await measure(record.engine)
    assert {table.name for table in metadata.sorted_tables} <= set(before.tables)
    await _arrived(record, *(_delivery(number, os.urandom(40_000)) for number in (1, 2, 3)))
    after = await measure(record.engine)
    grown = after.since(before)
    assert 120_000 <= grown["inbox"] < 200_000
    assert grown["audit"] == 0
    assert after.total - before.total == sum(grown.values())
