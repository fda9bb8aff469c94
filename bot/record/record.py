"""The door to the record: transactions that hand out repositories.

A state change, its audit entry and the work that follows are made within one `begin()`; the workers are woken after
the commit, and only then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.absences import Absences
from bot.record.ageing import Ageing
from bot.record.audit import Audit
from bot.record.cards import Cards
from bot.record.clock import StoreNow
from bot.record.consents import Consents
from bot.record.corrections import Corrections
from bot.record.engine import file_of, open_engine, reading
from bot.record.erasure import Erasure
from bot.record.inbox import Inbox
from bot.record.incidents import Incidents
from bot.record.jobs import Jobs
from bot.record.leases import Leases
from bot.record.lessons import Lessons
from bot.record.operating import Operating
from bot.record.outages import telling_outages
from bot.record.outbox import Outbox
from bot.record.owned import Owned
from bot.record.proposals import Proposals
from bot.record.seen import Seen
from bot.record.snoozes import Snoozes
from bot.record.spending import Spending
from bot.record.switches import Switches
from bot.record.triages import Triages
from bot.record.turns import Turns
from bot.tasks import Claimed
from graphs.model import Millis


class Waker(Protocol):
    def wake(self, kinds: Iterable[str]) -> None:
        """Work of these kinds was committed."""
        ...


class Transaction:
    """One transaction and its repositories."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self.inbox = Inbox(connection)
        self.jobs = Jobs(connection)
        self.triages = Triages(connection)
        self.proposals = Proposals(connection)
        self.outbox = Outbox(connection)
        self.owned = Owned(connection)
        self.spending = Spending(connection)
        self.cards = Cards(connection)
        self.audit = Audit(connection)
        self.leases = Leases(connection)
        self.switches = Switches(connection)
        self.snoozes = Snoozes(connection)
        self.absences = Absences(connection)
        self.consents = Consents(connection)
        self.incidents = Incidents(connection)
        self.operating = Operating(connection, self.jobs)
        self.ageing = Ageing(connection)
        self.erasure = Erasure(connection)
        self.corrections = Corrections(connection)
        self.lessons = Lessons(connection)
        self.seen = Seen(connection)

    async def now(self) -> Millis:
        """The store's clock: the only one that leases and expiry are judged by."""
        return Millis(int((await self._db.execute(select(StoreNow()))).scalar_one()))


class Record:
    """Opens transactions on one database."""

    def __init__(self, url: str, waker: Waker) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._waker = waker
        # SQLite has one writer: queueing here, in order, is fairer and quicker than its busy loop.
        self._turns = Turns(file_of(url)) if url.startswith("sqlite") else None
        self._writers: set[asyncio.Task[object]] = set()

    @asynccontextmanager
    async def begin(self, job: Claimed | None = None) -> AsyncIterator[Transaction]:
        """A writing transaction. With `job`, it is refused with `LeaseLost` unless that lease still holds.

        Raises `bot.record.outages.RecordUnavailable`, an `Outage`: nothing was written, unless it came with the commit.
        """
        with telling_outages():
            async with self._turn(), self._write(job) as transaction:
                yield transaction
        if transaction.jobs.added:
            self._waker.wake(transaction.jobs.added)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """This task's turn to write. A second one within the first would wait for itself for ever on SQLite."""
        task = asyncio.current_task()
        assert task is not None, "only tasks open transactions"
        if task in self._writers:
            raise RuntimeError("a transaction within a transaction: hand the outer one down instead")
        self._writers.add(task)
        try:
            async with self._turns.mine() if self._turns else nullcontext():
                yield
        finally:
            self._writers.remove(task)

    @asynccontextmanager
    async def _write(self, job: Claimed | None) -> AsyncIterator[Transaction]:
        async with self.engine.begin() as connection:
            transaction = Transaction(connection)
            if job is not None:
                await transaction.jobs.hold(job)
            yield transaction

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A reading transaction: one consistent view, no lock on writers. Whatever writes in it fails."""
        with telling_outages(writing=False):
            async with reading(self.engine) as connection:
                yield Transaction(connection)

    async def close(self) -> None:
        await self.engine.dispose()
