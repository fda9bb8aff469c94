"""A copy is whole or not at all: every table, every byte, numbers that go on, and an audit chain that verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import event, select, text, update

from bot.record import copying
from bot.record.audit import AuditBroken
from bot.record.copying import CopyRefused, copy_record
from bot.record.record import Record
from bot.record.tables import audit, metadata
from bot.work.delivery import InProcess
from tests.record.filling import ROWS, fill
from tests.record.seeds import add_jobs, claimed, tamper, to_triage, tuples


@pytest.fixture
async def source(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Record]:
    file = tmp_path / "source.db"
    file.write_bytes(sqlite_template.read_bytes())
    record = Record(f"sqlite+aiosqlite:///{file}", InProcess())
    yield record
    await record.close()


@pytest.fixture
def target(open_record: Callable[[], Record]) -> Record:
    return open_record()


on_sqlite = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("record_url", ["postgresql"], indirect=True)


async def _nothing() -> None:
    pass


def _hush(_what: str, _done: int, _of: int) -> None:
    pass


async def copied(source: Record, target: Record) -> Mapping[str, int]:
    return await copy_record(source.engine, target.engine, _nothing, _hush)


async def everything(record: Record) -> dict[str, set[tuple[object, ...]]]:
    return {name: set(await tuples(record, select(table))) for name, table in metadata.tables.items()}


@on_postgresql
async def test_every_row_of_every_table_is_copied(source: Record, target: Record) -> None:
    await fill(source)
    counts = await copied(source, target)
    found = await everything(source)
    assert await everything(target) == found
    assert counts == {name: len(rows) for name, rows in found.items()}
    assert {name for name, count in counts.items() if count < ROWS} == {"audit_head"}, (
        "a table was left out of the test"
    )
    async with target.read() as tx:
        assert await tx.audit.verify() == ROWS


@on_postgresql
async def test_numbers_go_on_where_they_were(source: Record, target: Record) -> None:
    await fill(source)
    await copied(source, target)
    for record in (source, target):
        await add_jobs(record, to_triage())
    newest = text("SELECT max(id) FROM jobs")
    assert await tuples(target, newest) == await tuples(source, newest)
    async with target.begin() as tx:
        await tx.audit.append("system", "noted", "after the copy")


@on_postgresql
async def test_large_bodies_travel_in_small_batches(source: Record, target: Record) -> None:
    await fill(source, rows=4)
    await tamper(source, text("UPDATE inbox SET body = zeroblob(3000000)"))
    sizes: list[int] = []

    @event.listens_for(target.engine.sync_engine, "before_cursor_execute")
    def weigh(_c: object, _u: object, said: str, values: object, *_rest: object) -> None:
        if said.startswith("INSERT INTO inbox"):
            sizes.append(len(values) if isinstance(values, list) else 1)

    told: list[tuple[str, int, int]] = []
    await copy_record(source.engine, target.engine, _nothing, lambda *one: told.append(one))
    assert sizes == [2, 2]
    assert [one for one in told if one[0] == "inbox"][-1] == ("inbox", 4, 4)


@on_postgresql
async def test_an_interrupted_copy_leaves_nothing_and_can_be_done_again(
    source: Record, target: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(source)
    before = await everything(target)
    real = copying._sum

    async def power_cut(*_any: object) -> copying.Sum:
        raise ZeroDivisionError

    async def after_the_rows(connection: object, table: object) -> copying.Sum:
        found = await real(connection, table)  # type: ignore[arg-type]  # handed on
        return found if found.rows <= 1 else await power_cut()

    with monkeypatch.context() as interrupted:
        interrupted.setattr(copying, "_sum", after_the_rows)
        with pytest.raises(ZeroDivisionError):
            await copied(source, target)
    assert await everything(target) == before
    await copied(source, target)
    assert await everything(target) == await everything(source)


@on_postgresql
async def test_a_row_that_changed_on_its_way_takes_the_copy_back(
    source: Record, target: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(source)
    before, real = await everything(target), copying._insert

    async def careless(new: object, table: object, batch: list[dict[str, object]]) -> None:
        await real(new, table, [row | ({"why": "short"} if "why" in row else {}) for row in batch])  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_insert", careless)
    with pytest.raises(CopyRefused, match="not the same"):
        await copied(source, target)
    assert await everything(target) == before


@on_postgresql
async def test_a_record_in_use_is_not_copied_over(source: Record, target: Record) -> None:
    await add_jobs(target, to_triage())
    before = await everything(target)
    with pytest.raises(CopyRefused, match="jobs"):
        await copied(source, target)
    assert await everything(target) == before


@on_sqlite
async def test_a_record_that_is_worked_on_is_not_copied(source: Record, target: Record) -> None:
    await add_jobs(source, to_triage())
    await claimed(source, lease_ms=60_000)
    with pytest.raises(CopyRefused, match="works on 1 job"):
        await copied(source, target)


@on_postgresql
async def test_a_job_of_a_crashed_worker_is_copied_and_done_there(source: Record, target: Record) -> None:
    await add_jobs(source, to_triage())
    await claimed(source, lease_ms=-1)
    await copied(source, target)
    assert (await claimed(target)).attempts == 2


@on_sqlite
async def test_a_broken_audit_chain_is_not_copied(source: Record, target: Record) -> None:
    await fill(source)
    await tamper(source, update(audit).where(audit.c.seq == 2).values(subject="another"))
    with pytest.raises(AuditBroken):
        await copied(source, target)


@on_sqlite
async def test_what_is_no_table_of_ours_is_not_left_behind_in_silence(source: Record, target: Record) -> None:
    await tamper(source, text("CREATE TABLE extra (a INTEGER)"))
    with pytest.raises(CopyRefused, match="extra"):
        await copied(source, target)


@on_sqlite
async def test_another_schema_is_not_copied(source: Record, target: Record) -> None:
    await tamper(source, text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(CopyRefused, match="0001"):
        await copied(source, target)


@on_postgresql
async def test_what_does_not_fit_is_told_without_its_content(source: Record, target: Record) -> None:
    await add_jobs(source, to_triage())
    await tamper(source, text("UPDATE jobs SET kind = 'canary' || hex(zeroblob(40))"))
    with pytest.raises(CopyRefused, match="row of jobs") as error:
        await copied(source, target)
    assert "canary" not in str(error.value)
