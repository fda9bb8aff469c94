"""Idle workers look for work at times of their own, never later than they promise."""

from __future__ import annotations

import asyncio

from bot.record.record import Record, Transaction
from bot.tasks import Claimed
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker

LOOKS = 12


class Watched(InProcess):
    """Tells how long each wait was to last, and ends it at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.enough = asyncio.Event()

    async def wait(self, kinds: frozenset[str], timeout_s: float, since: int | None = None) -> None:
        self.waits.append(timeout_s)
        if len(self.waits) >= LOOKS:
            self.enough.set()
            await super().wait(kinds, 5, since)


async def test_a_dead_workers_job_is_looked_for_within_the_poll_and_not_by_all_at_once(record: Record) -> None:
    async def nothing(_job: Claimed) -> None: ...

    async def buried(_tx: Transaction, _job: Claimed, why: str) -> None:
        raise AssertionError(why)

    delivery = Watched()
    worker = Worker(record, delivery, {"tell_channel": nothing}, buried, Pace(concurrency=2, poll_s=2.0))
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        await delivery.enough.wait()
    worker.stop()
    await running
    assert all(1.0 <= one <= 2.0 for one in delivery.waits)
    assert len(set(delivery.waits)) > LOOKS / 2
