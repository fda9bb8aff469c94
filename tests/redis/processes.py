"""Worker processes that share one record and one Redis. Each job leaves one entry in the audit, and nothing else."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from bot.record.record import Record, Transaction
from bot.record.tables import audit
from bot.redis.delivery import Reading, open_delivery
from bot.redis.link import open_link
from bot.redis.tidying import Tidying
from bot.tasks import Claimed, TellChannel
from bot.work.worker import Pace, Worker

ROLES = {"worker": frozenset({"tell_channel"})}
_ROOT = Path(__file__).parents[2]


async def work(record_url: str, redis_url: str, poll_s: float) -> None:
    """Until killed."""
    async with (
        open_link(SecretStr(redis_url), "test") as link,
        open_delivery(link, ROLES, Reading(block_s=1.0, after_trouble_s=0.01), Tidying(every_s=0.5)) as delivery,
    ):
        record = Record(record_url, delivery)

        async def did(job: Claimed) -> None:
            assert isinstance(job.task, TellChannel)
            async with record.begin(job) as tx:
                await tx.audit.append("worker", "did", job.task.text)
                await tx.jobs.finish(job)

        async def buried(_tx: Transaction, _job: Claimed, _why: str) -> None: ...

        pace = Pace(concurrency=3, lease_s=3.0, poll_s=poll_s)
        worker = Worker(record, delivery, {"tell_channel": did}, buried, pace)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await worker.run()


async def start(record_url: str, redis_url: str, poll_s: float) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.redis.processes", record_url, redis_url, str(poll_s), stdout=PIPE, cwd=_ROOT
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def stop(*processes: Process) -> None:
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def order(record: Record, texts: list[str]) -> None:
    async with record.begin() as tx:
        for text in texts:
            await tx.jobs.add(TellChannel(text=text), key=text)


async def done(record: Record) -> list[str]:
    """What was done, once for each time it was done."""
    async with record.read() as tx:
        rows = await tx._db.execute(select(audit.c.subject).where(audit.c.subject.like("job-%")))
    return [str(row.subject) for row in rows]


async def undone(record: Record) -> int:
    async with record.read() as tx:
        return await tx.jobs.count("ready", "leased", "dead")


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3])))
