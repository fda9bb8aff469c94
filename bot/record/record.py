"""The door to the record: transactions that hand out repositories.

A state change, its audit entry and the work that follows are made within one `begin()`; the workers are woken after
the commit, and only then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.audit import Audit
from bot.record.cards import Cards
from bot.record.clock import StoreNow
from bot.record.engine import open_engine
from bot.record.inbox import Inbox
from bot.record.jobs import Jobs
from bot.record.outbox import Outbox
from bot.record.proposals import Proposals
from bot.record.triages import Triages
from bot.work.delivery import Delivery
from bot.work.tasks import Claimed
from graphs.model import Millis


class Transaction:
    """One transaction and its repositories."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self.inbox = Inbox(connection)
        self.jobs = Jobs(connection)
        self.triages = Triages(connection)
        self.proposals = Proposals(connection)
        self.outbox = Outbox(connection)
        self.cards = Cards(connection)
        self.audit = Audit(connection)

    async def now(self) -> Millis:
        """The store's clock: the only one that leases and expiry are judged by."""
        return Millis(int((await self._db.execute(select(StoreNow()))).scalar_one()))


class Record:
    """Opens transactions on one database."""

    def __init__(self, url: str, delivery: Delivery) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._delivery = delivery
        # SQLite has one writer: queueing here, in order, is fairer and quicker than its busy loop.
        self._writing = asyncio.Lock() if url.startswith("sqlite") else None

    @asynccontextmanager
    async def begin(self, job: Claimed | None = None) -> AsyncIterator[Transaction]:
        """A writing transaction. With `job`, it is refused with `LeaseLost` unless that lease still holds."""
        if self._writing is None:
            async with self._write(job) as transaction:
                yield transaction
        else:
            async with self._writing, self._write(job) as transaction:
                yield transaction
        if transaction.jobs.added:
            self._delivery.wake(transaction.jobs.added)

    @asynccontextmanager
    async def _write(self, job: Claimed | None) -> AsyncIterator[Transaction]:
        async with self.engine.begin() as connection:
            transaction = Transaction(connection)
            if job is not None:
                await transaction.jobs.hold(job)
            yield transaction

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A reading transaction: one consistent view, no lock on writers."""
        async with self.engine.connect() as connection:
            await connection.execution_options(reading=True)
            yield Transaction(connection)

    async def close(self) -> None:
        await self.engine.dispose()
