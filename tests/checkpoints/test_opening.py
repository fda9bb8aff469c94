"""Opening the checkpointers: by many at once, after a kill, on a store that is gone, and never with a secret told."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Connection, make_url, text

from bot.checkpoints import postgres as pg
from bot.checkpoints import sqlite
from bot.checkpoints.guarded import Guarded
from bot.checkpoints.opening import open_checkpoints
from bot.checkpoints.postgres import PostgresCheckpoints
from bot.checkpoints.sqlite import SqliteCheckpoints
from bot.moving import bring_up
from bot.record.engine import open_engine
from bot.record.outages import RecordUnavailable
from bot.record.tables import metadata
from bot.settings import BadSetting, Settings
from graphs.errors import Outage
from graphs.runner import Runner
from tests.builders import a_ref
from tests.checkpoints.conftest import settings_for
from tests.graphs.doubles import TRIAGE, a_bench
from tests.outage import gone, hang_up
from tests.postgres import PostgresServer

_ROOT = Path(__file__).parents[2]
_OPEN_AND_HANG = """
import asyncio, sys
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from bot.checkpoints.postgres import open_postgres

steps = int(sys.argv[2])

class Slow(list):
    def __getitem__(self, where):
        return Slow(super().__getitem__(where)) if isinstance(where, slice) else super().__getitem__(where)

    def __iter__(self):
        for number, step in enumerate(super().__iter__()):
            if number == steps:
                print("here", flush=True)
                sys.stdin.readline()
            yield step

AsyncPostgresSaver.MIGRATIONS = Slow(AsyncPostgresSaver.MIGRATIONS)

async def main():
    async with open_postgres(sys.argv[1]):
        pass

asyncio.run(main())
"""


async def test_the_kind_of_store_follows_the_record(settings: Settings, saver: Guarded) -> None:
    lite = settings.record_url.startswith("sqlite")
    assert isinstance(saver, SqliteCheckpoints if lite else PostgresCheckpoints)
    assert settings.checkpoints_path.exists() is lite


async def test_many_open_a_new_store_at_once(settings: Settings) -> None:
    async def start() -> None:
        async with open_checkpoints(settings) as saver:
            assert await saver.threads() == []

    await asyncio.gather(*(start() for _ in range(6)))


async def test_fault_18_killed_while_its_tables_were_made(pg_database: str) -> None:
    """At some of the steps; the next start goes on, and no half-built index stays."""
    for steps in (1, 6):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _OPEN_AND_HANG, pg_database, str(steps), stdin=PIPE, stdout=PIPE, cwd=_ROOT
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"here\n"
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert await pg.level(pg_database) not in (None, pg.NEWEST)
    conninfo = make_url(pg_database).set(drivername="postgresql").render_as_string(hide_password=False)
    async with pg.open_postgres(pg_database):
        pass
    with psycopg.connect(conninfo) as shell:  # as it is left by a kill within CREATE INDEX CONCURRENTLY
        shell.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass",
            [f"{pg.SCHEMA}.checkpoints_thread_id_idx"],
        )
    async with pg.open_postgres(pg_database):
        pass
    with psycopg.connect(conninfo) as shell:
        assert shell.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid").fetchone() == (0,)
    assert await pg.level(pg_database) == pg.NEWEST


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_tables_are_out_of_sight_of_the_records_migrations(pg_database: str, tmp_path: Path) -> None:
    await bring_up(settings_for(tmp_path, pg_database))
    engine = open_engine(pg_database)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
        found = (await connection.execute(text(f"SELECT count(*) FROM {pg.SCHEMA}.checkpoints"))).scalar_one()  # noqa: S608  # ours
        assert found == 0
    await engine.dispose()


async def test_a_server_that_was_started_again_costs_nothing(
    postgres: PostgresServer, pg_database: str, tmp_path: Path
) -> None:
    async with open_checkpoints(settings_for(tmp_path, pg_database)) as saver:
        bench = a_bench()
        runner = Runner(saver, bench.deps)
        await runner.start(TRIAGE, a_ref())
        hang_up(postgres, pg_database)
        await runner.resume(TRIAGE, bench.notebook.proposals[0].id, "approved")
        assert bench.notebook.answers["settle"] == '"approved"'


async def test_fault_32_a_store_that_is_gone_is_an_outage_and_comes_back(
    postgres: PostgresServer, pg_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg, "WAIT_S", 0.5)
    async with open_checkpoints(settings_for(tmp_path, pg_database)) as saver:
        bench = a_bench()
        runner = Runner(saver, bench.deps)
        with gone(postgres, pg_database), pytest.raises(Outage):
            await runner.start(TRIAGE, a_ref())
        async with asyncio.timeout(30):
            while not bench.notebook.proposals:
                try:
                    await runner.start(TRIAGE, a_ref())
                except Outage:
                    await asyncio.sleep(0.1)
        await runner.resume(TRIAGE, bench.notebook.proposals[0].id, "approved")
        assert await saver.threads() == []


async def test_a_store_that_cannot_be_opened_is_told_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg, "WAIT_S", 0.2)
    url = "postgresql+psycopg://canary-user:canary-word@127.0.0.1:1/canary-name"
    with pytest.raises(RecordUnavailable) as error:
        async with open_checkpoints(settings_for(tmp_path, url)):
            pass
    assert "canary" not in str(error.value)
    assert "STRATA_RECORD_URL" in str(error.value)


async def test_a_user_who_may_not_make_the_schema_is_told_so(pg_database: str, postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.conninfo(), autocommit=True) as admin:
        admin.execute("DO $$ BEGIN CREATE ROLE modest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    url = make_url(pg_database).set(username="modest")
    with pytest.raises(RecordUnavailable, match=pg.SCHEMA):
        async with pg.open_postgres(url.render_as_string(hide_password=False)):
            pass
    conninfo = make_url(pg_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {pg.SCHEMA} AUTHORIZATION modest".encode())
    async with pg.open_postgres(url.render_as_string(hide_password=False)) as saver:
        assert await saver.threads() == []
    assert await pg.level(pg_database) == pg.NEWEST


async def test_a_damaged_file_is_a_setting_to_mend(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    settings.checkpoints_path.write_bytes(b"not a database" * 1000)
    with pytest.raises(BadSetting, match=r"checkpoints\.db"):
        async with open_checkpoints(settings):
            pass


async def test_connections_are_bounded(pg_database: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        saver = await stack.enter_async_context(open_checkpoints(settings_for(tmp_path, pg_database)))
        await asyncio.gather(*(saver.aget_tuple({"configurable": {"thread_id": str(one)}}) for one in range(50)))
        assert isinstance(saver, PostgresCheckpoints)
        assert isinstance(saver.conn, AsyncConnectionPool)
        assert saver.conn.get_stats()["pool_size"] <= pg.CONNECTIONS


def test_the_level_of_a_file(tmp_path: Path) -> None:
    assert sqlite.level(tmp_path / "none.db") is None
    assert not (tmp_path / "none.db").exists()
