"""SIGTERM: work in hand is brought to its end or handed back, nothing is lost, and the exit code says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot import serve
from bot.record.migrate import upgrade
from bot.record.record import Record, Transaction
from bot.record.tables import jobs
from bot.tasks import Claimed, TellChannel
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from tests.crash.account import check, quiet, rows
from tests.crash.night import Night

WRITE = r"/issues/\d+/labels$"


async def test_fault_20_a_write_in_hand_is_brought_to_its_end(night: Night) -> None:
    await night.bot.start()
    case = await night.file()
    await night.card(case)
    slow = night.town.github.faults.delay(after_s=1.0, method="POST", path=WRITE)
    await night.approve(case)
    await slow.struck()
    assert await night.bot.stop() == 0
    assert len(night.town.github.effects(night.town.repository, case.number)) == 4
    done = {one.kind: (one.state, one.attempts) for one in await rows(night.record_url, jobs)}
    assert done["execute_proposal"] == ("done", 1)
    await night.bot.start()
    await night.written(case)
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)


async def test_fault_20_what_does_not_end_in_time_is_handed_back_without_a_penalty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "GRACE_S", 0.1)
    delivery = InProcess()
    record = Record(f"sqlite+aiosqlite:///{tmp_path / 'record.db'}", delivery)
    await upgrade(record.engine)
    async with record.begin() as tx:
        await tx.jobs.add(TellChannel(text="a long story"))
    begun, stop = asyncio.Event(), asyncio.Event()

    async def endless(_job: Claimed) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def buried(_tx: Transaction, _job: Claimed, why: str) -> None:
        raise AssertionError(why)

    worker = Worker(record, delivery, {"tell_channel": endless}, buried, Pace(lease_s=30))
    running = asyncio.create_task(serve._until(stop, (worker,), []))
    await begun.wait()
    stop.set()
    await running
    left = (await rows(record.url, jobs))[0]
    assert (left.state, left.attempts, left.lease_owner) == ("ready", 0, None)
    await record.close()
