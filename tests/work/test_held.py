"""While the off switch is on, the kinds it holds are left in the queue, uncounted, and all others go on."""

from __future__ import annotations

import asyncio

from bot.record.record import Record, Transaction
from bot.tasks import PAUSABLE, PRIORITY, Claimed, ExecuteProposal, TellChannel
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from graphs.model import ProposalId


async def test_held_kinds_wait_and_the_others_are_done(record: Record) -> None:
    done: list[str] = []
    all_done, held = asyncio.Event(), True

    async def handle(job: Claimed) -> None:
        done.append(job.kind)
        if len(done) == 2:
            all_done.set()

    async def buried(_tx: Transaction, _job: Claimed, why: str) -> None:
        raise AssertionError(why)

    def holding() -> frozenset[str]:
        return PAUSABLE if held else frozenset()

    async with record.begin() as tx:
        await tx.jobs.add(ExecuteProposal(proposal=ProposalId("a" * 32)))
        await tx.jobs.add(TellChannel(text="hello"))
    handlers = {"execute_proposal": handle, "tell_channel": handle}
    worker = Worker(record, InProcess(), handlers, buried, Pace(concurrency=1, poll_s=0.02), holding)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(5):
        while not done:  # noqa: ASYNC110  # what is not there yet cannot tell
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert done == ["tell_channel"]
    async with record.read() as tx:
        assert await tx.jobs.count("ready") == 1
    held = False
    await asyncio.wait_for(all_done.wait(), 5)
    worker.stop()
    await running
    assert done == ["tell_channel", "execute_proposal"]


def test_what_can_be_held_are_kinds_that_exist() -> None:
    assert set(PRIORITY) >= PAUSABLE
