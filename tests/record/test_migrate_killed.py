"""Fault 18: killed in the middle of a migration; and SQLite's way to change a table that others refer to."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.outages import RecordUnavailable
from bot.record.record import Record
from bot.record.tables import metadata
from tests.record.seeds import proposed, tuples

_ROOT = Path(__file__).parents[2]
_UPGRADE_AND_HANG = """
import asyncio, sys
from sqlalchemy import event
from bot.record import migrate
from bot.record.engine import open_engine

async def main():
    engine = open_engine(sys.argv[1])
    said = []

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def hang(connection, cursor, statement, *rest):
        said.append(statement)
        if "CREATE TABLE" in statement and sum("CREATE TABLE" in one for one in said) == 7:
            print("here", flush=True)
            sys.stdin.readline()

    await migrate.upgrade(engine)

asyncio.run(main())
"""
_REBUILDS = '''
"""Rebuilds a table that others refer to."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9998", "{before}", None, None


def upgrade():
    with op.batch_alter_table("tickets", recreate="always") as batch:
        batch.add_column(sa.Column("new", sa.Integer()))
    {more}
'''


async def test_fault_18_killed_in_the_middle_of_a_migration(empty_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _UPGRADE_AND_HANG, empty_url, stdin=PIPE, stdout=PIPE, cwd=_ROOT
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"here\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    engine = open_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_tables) == set(), "nothing of it stayed"
    await migrate.upgrade(engine)
    assert await migrate.current(engine) == migrate.newest()
    async with engine.connect() as connection:
        assert await connection.run_sync(_tables) >= set(metadata.tables)
    await engine.dispose()


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _with_a_version(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "pass") -> None:
    """A program with one more migration."""
    before, real = migrate.newest(), migrate.configuration
    ours = Path(migrate.__file__).parent / "migrations"
    shutil.copytree(ours, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "migrations" / "versions" / "9998_rebuilds.py").write_text(_REBUILDS.format(before=before, more=more))

    def configuration(connection: Connection | None = None) -> Config:
        config = real(connection)
        config.set_main_option("script_location", str(folder / "migrations"))
        return config

    monkeypatch.setattr(migrate, "configuration", configuration)


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_a_table_that_others_refer_to_can_be_rebuilt(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = await proposed(record)
    _with_a_version(tmp_path, monkeypatch)
    await migrate.upgrade(record.engine)
    assert await migrate.current(record.engine) == "9998"
    assert await tuples(record, text("SELECT id FROM proposals")) == [(proposal.id,)]
    assert await tuples(record, text("SELECT count(*), min(new) FROM tickets")) == [(1, None)]
    assert await tuples(record, text("PRAGMA foreign_keys")) == [(1,)]


@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_a_migration_that_loses_what_others_refer_to_is_taken_back(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await proposed(record)
    before = await migrate.current(record.engine)
    _with_a_version(tmp_path, monkeypatch, more='op.execute("DELETE FROM tickets")')
    with pytest.raises(RecordUnavailable, match="nothing was changed"):
        await migrate.upgrade(record.engine)
    assert await migrate.current(record.engine) == before
    assert await tuples(record, text("SELECT count(*) FROM tickets")) == [(1,)]
