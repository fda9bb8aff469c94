"""A database with rows of version 1 goes on where it was: nothing waits longer, nothing is done twice."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.record import Record
from bot.work.delivery import InProcess
from tests.builders import a_ref
from tests.record.seeds import MINUTE, to_triage

_FAR = 4_000_000_000_000
_JOB = text(
    "INSERT INTO jobs (kind, key, ticket_key, body, state, priority, run_at, lease_owner, lease_until, fence, attempts,"
    " max_attempts, error, created_at, finished_at) VALUES ('triage_ticket', :key, :ticket, :body, :state, 30, :run_at,"
    " :owner, :until, :fence, :fence, 5, '', 1, :finished)"
)


def _job(key: str, number: int, install: str = "main", **more: object) -> dict[str, object]:
    ref = a_ref(number, install=install)
    usual = {"state": "ready", "run_at": 1, "owner": None, "until": None, "fence": 0, "finished": None}
    return {"key": key, "ticket": ref.key, "body": to_triage(ref).model_dump_json(), **usual, **more}


_ROWS = [
    *(_job(f"big {number}", number) for number in range(4)),
    _job("small", 9, install="north"),
    _job("later", 10, run_at=_FAR),
    _job("at work", 11, state="leased", owner="old", until=_FAR, fence=2),
    _job("died", 12, state="leased", owner="old", until=1, fence=1),
    _job("given up", 13, state="dead", fence=5, finished=2),
    _job("done", 14, state="done", fence=1, finished=2),
    _job("of nobody", 15) | {"ticket": None},
]


def _as_of_version_1(connection: Connection) -> None:
    command.upgrade(migrate.configuration(connection), "0001")
    connection.execute(_JOB, _ROWS)


async def _upgraded(url: str) -> Record:
    engine: AsyncEngine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_as_of_version_1)
    await migrate.upgrade(engine)
    assert await migrate.current(engine) == migrate.newest()
    await engine.dispose()
    return Record(url, InProcess())


async def _keys_claimed(record: Record) -> list[str]:
    claimed: list[str] = []
    while True:
        async with record.begin() as tx:
            job = await tx.jobs.claim(["triage_ticket"], "new", MINUTE)
            if job is None:
                return claimed
            await tx.jobs.finish(job)
        async with record.engine.connect() as connection:
            found = await connection.execute(text("SELECT key FROM jobs WHERE id = :id"), {"id": job.id})
            claimed.append(str(found.scalar_one()))


async def test_jobs_of_version_1_are_claimed_in_turns_and_none_is_lost(empty_url: str) -> None:
    record = await _upgraded(empty_url)
    claimed = await _keys_claimed(record)
    assert sorted(claimed) == ["big 0", "big 1", "big 2", "big 3", "died", "of nobody", "small"]
    assert [key for key in claimed if key.startswith("big")] == [f"big {number}" for number in range(4)]
    assert claimed.index("small") < claimed.index("big 2")
    async with record.read() as tx:
        assert await tx.operating.counts() == {"ready": 1, "leased": 1, "dead": 1, "done": 8}
    await record.close()


async def test_a_worker_of_version_1_may_end_its_job_and_add_work(empty_url: str) -> None:
    """As it does while the new version is rolled out: it knows nothing of the new columns."""
    record = await _upgraded(empty_url)
    async with record.engine.begin() as connection:
        ended = "UPDATE jobs SET state = 'done', finished_at = 3 WHERE key = 'at work' AND fence = 2"
        assert (await connection.execute(text(ended))).rowcount == 1
        await connection.execute(_JOB, _job("new", 11))
    assert "new" in await _keys_claimed(record)
    await record.close()


async def test_two_leases_on_one_ticket_stop_no_upgrade(empty_url: str) -> None:
    """There should be none; if there are, one of the two is taken back."""
    double = [_job(f"double {number}", 20, state="leased", owner="old", until=_FAR, fence=1) for number in range(2)]
    engine = open_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(_as_of_version_1)
        await connection.execute(_JOB, double)
    await migrate.upgrade(engine)
    async with engine.connect() as connection:
        query = "SELECT key, state FROM jobs WHERE key LIKE 'double%' ORDER BY key"
        assert [tuple(row) for row in await connection.execute(text(query))] == [
            ("double 0", "ready"),
            ("double 1", "leased"),
        ]
    await engine.dispose()
