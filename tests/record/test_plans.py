"""A long queue costs nothing: a claim touches as many rows of 20,000 as of 20. Counted by the databases themselves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol, cast

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.record import Record
from bot.tasks import WORKER_KINDS
from tests.builders import a_ref
from tests.record.seeds import MINUTE, to_triage

LONG, SHORT = 20_000, 20
SLACK = {"sqlite": 50, "postgresql": LONG // 40}
"""By how much a claim may cost more. PostgreSQL may read one page of an index more or fewer, some hundred rows, as it
guesses from statistics that are not those of this moment; whoever walks the queue pays 20,000."""
Statements = list[tuple[str, dict[str, object]]]
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"


class _Steps(Protocol):
    async def set_progress_handler(self, handler: object, n: int) -> None: ...


async def _fill(
    record: Record, count: int, state: str = "ready", turn: str = "i", run_at: str = "0", ended: str = "NULL"
) -> None:
    """As many jobs of as many tickets, in ten installs."""
    values = (
        f"SELECT 'triage_ticket', 'github\\:i' || (i % 10) || '\\:a/b#' || i, 'github\\:i' || (i % 10), :body,"  # noqa: S608
        f" '{state}', 30, {run_at}, {turn}, 0, 0, 0, 5, 0, '', 0, {ended} FROM n"
    )
    columns = (
        "kind, ticket_key, install, body, state, priority, run_at, turn, since, fence, attempts, max_attempts, retried,"
        " error, created_at, finished_at"
    )
    async with record.engine.begin() as connection:
        body = to_triage().model_dump_json()
        statement = f"{_NUMBERS} INSERT INTO jobs ({columns}) {values}"
        if connection.dialect.name == "postgresql":
            statement = f"INSERT INTO jobs ({columns}) {_NUMBERS} {values}"
        await connection.execute(text(statement), {"count": count, "body": body})


@contextmanager
def _seen(record: Record) -> Iterator[Statements]:
    """What is sent to the database meanwhile."""
    found: Statements = []

    def sent(_c: object, _cursor: object, statement: str, parameters: dict[str, object], *_more: object) -> None:
        found.append((statement, parameters))

    event.listen(record.engine.sync_engine, "before_cursor_execute", sent)
    yield found
    event.remove(record.engine.sync_engine, "before_cursor_execute", sent)


async def _act(record: Record) -> None:
    """A new job, a claim, its return, a claim that has to line it up first, its end, and a look that finds less."""
    async with record.begin() as tx:
        await tx.jobs.add(to_triage(a_ref(1)), ticket=a_ref(1).key)
        for give_back in (True, False):
            job = await tx.jobs.claim(WORKER_KINDS, "worker", MINUTE)
            assert job is not None
            await (tx.jobs.give_back(job, -1, "", penalty=True) if give_back else tx.jobs.finish(job))
        await tx.jobs.claim(WORKER_KINDS, "worker", MINUTE)


async def _steps(record: Record) -> int:
    """Hundreds of steps that SQLite's machine takes for `_act`, after everything is compiled and cached."""
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += 1
        return 0

    async with _whole(record) as connection:
        await connection.set_progress_handler(step, 100)
        await _act(record)
        await connection.set_progress_handler(None, 100)
    return counted


@asynccontextmanager
async def _whole(record: Record) -> AsyncIterator[_Steps]:
    """The one connection that a record with one task uses."""
    async with record.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = cast("_Steps", raw.driver_connection)
    yield driver


async def _rows_touched(record: Record) -> int:
    """Rows that PostgreSQL looked at for `_act`, in all."""
    with _seen(record) as statements:
        await _act(record)
    touched = 0
    async with record.engine.connect() as connection:
        for statement, parameters in statements:
            if statement.startswith(("SELECT", "UPDATE", "INSERT", "WITH")):
                touched += await _explained(connection, statement, parameters)
        await connection.rollback()
    return touched


async def _explained(connection: AsyncConnection, statement: str, parameters: Mapping[str, object]) -> int:
    analyse = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
    found = (await connection.exec_driver_sql(analyse, dict(parameters))).scalar_one()
    plans = json.loads(found) if isinstance(found, str) else found
    return _visited(plans[0]["Plan"])


def _visited(plan: Mapping[str, object]) -> int:
    numbers = [plan.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")]
    here = sum(cast("list[int]", numbers)) * cast("int", plan["Actual Loops"])
    return int(here) + sum(_visited(one) for one in cast("Sequence[Mapping[str, object]]", plan.get("Plans", ())))


async def _cost(record: Record) -> int:
    await _act(record)  # warms what is cached for the connection
    return await (_steps(record) if record.engine.dialect.name == "sqlite" else _rows_touched(record))


QUEUES = {
    "in line": {},
    "waiting for their time": {"turn": "NULL", "run_at": "4000000000000"},
    "done": {"state": "done", "ended": "1"},
}


async def _by_hand(record: Record, sql: str, only: str = "") -> None:
    if only in ("", record.engine.dialect.name):
        async with record.engine.begin() as connection:
            await connection.execute(text(sql))


@pytest.mark.parametrize("statistics", ["none", "stale", "fresh"])
@pytest.mark.parametrize("queue", QUEUES)
async def test_a_claim_costs_the_same_however_long_the_queue_is(record: Record, queue: str, statistics: str) -> None:
    await _by_hand(record, "ALTER TABLE jobs SET (autovacuum_enabled = false)", only="postgresql")
    await _fill(record, SHORT, **QUEUES[queue])
    short = await _cost(record)
    if statistics == "stale":
        await _by_hand(record, "ANALYZE jobs")
    await _fill(record, LONG, **QUEUES[queue])
    if statistics == "fresh":
        await _by_hand(record, "ANALYZE jobs")
    if statistics == "none":  # PostgreSQL gathers them by itself within a minute; its guess until then varies
        await _by_hand(record, "ANALYZE jobs", only="postgresql")
    assert await _cost(record) <= 2 * short + SLACK[record.engine.dialect.name]


async def test_what_comes_due_at_once_is_lined_up_in_portions(record: Record) -> None:
    """After an outage: each claim has a bounded part of it to do."""
    await _fill(record, 3_000, turn="NULL")
    left = []
    for _ in range(4):
        async with record.begin() as tx:
            assert await tx.jobs.claim(["triage_ticket"], "worker", MINUTE) is not None
        async with record.engine.connect() as connection:
            waiting = "SELECT count(*) FROM jobs WHERE state = 'ready' AND turn IS NULL"
            left.append((await connection.execute(text(waiting))).scalar_one())
    assert left == [2_000, 1_000, 0, 0]
