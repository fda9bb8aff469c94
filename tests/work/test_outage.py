"""A job that came to grief on the record is given back once the record is there again, and no attempt is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.record.outages import RecordUnavailable
from bot.record.record import Record, Transaction
from bot.tasks import Claimed, TellChannel
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker


async def test_what_cannot_be_given_back_now_is_given_back_later(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, refused = False, 0
    begin = record.begin

    @asynccontextmanager
    async def shaky(job: Claimed | None = None) -> AsyncIterator[Transaction]:
        nonlocal away, refused
        if away:
            refused += 1
            away = refused < 3
            raise RecordUnavailable("the record is away")
        async with begin(job) as tx:
            yield tx

    async def handle(_job: Claimed) -> None:
        nonlocal away
        away = True
        raise RecordUnavailable("the record is away")

    async def buried(_tx: Transaction, _job: Claimed, why: str) -> None:
        raise AssertionError(why)

    async with record.begin() as tx:
        await tx.jobs.add(TellChannel(text="hello"))
    monkeypatch.setattr(record, "begin", shaky)
    pace = Pace(outage_s=0.02)
    worker = Worker(record, InProcess(), {"tell_channel": handle}, buried, pace)
    async with record.begin() as tx:
        job = await tx.jobs.claim(["tell_channel"], "tests", 30_000)
    assert job is not None
    await asyncio.wait_for(worker.work(job), 10)
    assert refused == 3
    await asyncio.sleep(0.05)
    async with record.begin() as tx:
        again = await tx.jobs.claim(["tell_channel"], "tests", 30_000)
    assert again is not None
    assert again.attempts == 1
