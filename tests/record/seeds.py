"""Rows that a test needs to be there already, and how tests change the store behind the record's back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import Executable, Row

from bot.record.record import Record, Transaction
from bot.tasks import Claimed, ExecuteProposal, RefreshCard, Task, TriageTicket
from graphs.model import Proposal, ProposalId, TicketRef, TriageId
from tests.builders import a_proposal, a_ref

T = TypeVar("T")
MINUTE = 60_000
ALL_KINDS = ("triage_ticket", "refresh_card", "execute_proposal", "take_verdict", "settle_triage")


def to_triage(ref: TicketRef | None = None) -> TriageTicket:
    return TriageTicket(ref=ref or a_ref(), why="opened")


def to_refresh(triage: str = "triage-1") -> RefreshCard:
    return RefreshCard(triage=TriageId(triage))


def to_execute(proposal: str = "proposal-1") -> ExecuteProposal:
    return ExecuteProposal(proposal=ProposalId(proposal))


async def add_jobs(record: Record, *tasks: Task) -> None:
    async with record.begin() as transaction:
        for task in tasks:
            await transaction.jobs.add(task)


async def claim(record: Record, owner: str = "worker", lease_ms: int = MINUTE) -> Claimed | None:
    async with record.begin() as transaction:
        return await transaction.jobs.claim(ALL_KINDS, owner, lease_ms)


async def claimed(record: Record, owner: str = "worker", lease_ms: int = MINUTE) -> Claimed:
    """A claim that must succeed. A negative lease has run out already."""
    job = await claim(record, owner, lease_ms)
    assert job is not None
    return job


async def started(record: Record, triage: str = "triage-1", ref: TicketRef | None = None) -> TriageId:
    async with record.begin() as transaction:
        assert await transaction.triages.begin(TriageId(triage), ref or a_ref(), "opened")
    return TriageId(triage)


async def proposed(record: Record, number: int = 1) -> Proposal:
    """A triage of its own ticket with one stored proposal."""
    ref = a_ref(number)
    triage = await started(record, f"triage-{number}", ref)
    proposal = a_proposal(f"proposal-{number}", triage, target=ref)
    async with record.begin() as transaction:
        await transaction.proposals.add(proposal)
    return proposal


async def tamper(record: Record, statement: Executable) -> None:
    """Changes the store as somebody with a database shell would."""
    async with record.engine.begin() as connection:
        await connection.execute(statement)


async def rows(record: Record, query: Executable) -> list[Row[tuple[object, ...]]]:
    async with record.engine.connect() as connection:
        return list(await connection.execute(query))


async def tuples(record: Record, query: Executable) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await rows(record, query)]


async def then_crash(work: Awaitable[object]) -> None:
    """Does the work, then fails as nothing of ours would."""
    await work
    raise ZeroDivisionError


async def together(work: Iterable[Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*work))


class Mortal:
    """A record whose process dies in its n-th writing transaction, before the commit."""

    def __init__(self, record: Record, lives: int) -> None:
        self._record, self._left = record, lives
        self.read, self.engine = record.read, record.engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self._record.begin() as tx:
            yield tx
            self._left -= 1
            if not self._left:
                raise ZeroDivisionError
