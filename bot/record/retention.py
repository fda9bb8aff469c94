"""What is kept for how long, and the sweep that keeps to it.

Decisions, proposals, the outbox, effects and the audit stay. What goes, each after its time: raw bodies of clicks and
commands (their hashes stay, so a repeated delivery is still known), finished jobs, the answers of a closed triage's
steps, deliveries, and threads whose triage has ended. Each step is a small transaction of its own with a pause behind
it, so nobody waits for it; it may be cut off anywhere, repeated, or done by two at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from langgraph.checkpoint.base import BaseCheckpointSaver
from sqlalchemy import Table

from bot.record.ageing import Ageing
from bot.record.record import Record
from bot.record.tables import inbox, jobs, quarantine
from bot.record.threads import shorten, threads
from graphs.model import Millis, Value

DAY_MS = 24 * 60 * 60 * 1000
DELIVERIES_MS = 90 * DAY_MS
"""How long a delivery's id and hash are kept at least: senders repeat one for days, and GitHub signs no time."""
SETTLED_MS = 60 * 60 * 1000
"""How long a triage must have ended before its thread is swept: whoever settles it may be at it just now."""

_Id = TypeVar("_Id", int, str)


@dataclass(frozen=True)
class Rules:
    bodies_ms: int
    work_ms: int
    key: bytes = field(repr=False)
    """Makes the hash by which a reporter's tickets are found when their text is gone."""
    deliveries_ms: int = DELIVERIES_MS
    settled_ms: int = SETTLED_MS
    batch: int = 200
    pause_s: float = 0.05

    @classmethod
    def of(cls, *, bodies_days: float, work_days: float, key: bytes) -> Rules:
        work_ms = int(work_days * DAY_MS)
        return cls(int(bodies_days * DAY_MS), work_ms, key, deliveries_ms=max(work_ms, DELIVERIES_MS))


class Swept(Value):
    """How much was forgotten."""

    bodies: int
    """Raw bodies of deliveries, also of those put aside."""
    jobs: int
    triages: int
    """Ended triages whose steps' answers went."""
    deliveries: int
    threads: int


def blind(key: bytes, login: str) -> str:
    """A keyed hash of an account name: finds it again, tells it to nobody. HMAC-SHA256(key, login in small letters)."""
    return hmac.new(key, login.casefold().encode(), hashlib.sha256).hexdigest()


async def sweep(record: Record, saver: BaseCheckpointSaver[str], rules: Rules) -> Swept:
    """Forgets everything that is older than the rules say."""
    async with record.read() as tx:
        now = await tx.now()
    swept = Swept(
        bodies=sum([await _bodies(record, rules, table, now) for table in (inbox, quarantine)]),
        jobs=await _jobs(record, rules, now),
        triages=await _answers(record, rules, now),
        deliveries=sum([await _deliveries(record, rules, table, now) for table in (inbox, quarantine)]),
        threads=await _threads(record, saver, rules),
    )
    await _shorten(record, saver, rules)
    return swept


async def _bodies(record: Record, rules: Rules, table: Table, now: Millis) -> int:
    upto = await _upto(record, table, now - rules.bodies_ms)
    return await _in_steps(
        record,
        rules,
        0,
        lambda old, after: old.find_bodies(table, after, upto, rules.batch),
        lambda old, ids: old.drop_bodies(table, ids),
    )


async def _deliveries(record: Record, rules: Rules, table: Table, now: Millis) -> int:
    upto = await _upto(record, table, now - rules.deliveries_ms)
    return await _in_steps(
        record,
        rules,
        0,
        lambda old, after: old.find_deliveries(table, after, upto, rules.batch),
        lambda old, ids: old.drop_rows(table, ids),
    )


async def _jobs(record: Record, rules: Rules, now: Millis) -> int:
    before = now - rules.work_ms
    upto = await _upto(record, jobs, before)
    return await _in_steps(
        record,
        rules,
        0,
        lambda old, after: old.find_jobs(after, upto, before, rules.batch),
        lambda old, ids: old.drop_rows(jobs, ids),
    )


async def _answers(record: Record, rules: Rules, now: Millis) -> int:
    return await _in_steps(
        record,
        rules,
        "",
        lambda old, after: old.find_triages(after, now - rules.work_ms, rules.batch),
        lambda old, ids: old.drop_answers(ids, partial(blind, rules.key)),
    )


async def _upto(record: Record, table: Table, before: int) -> int:
    async with record.read() as tx:
        return await tx.ageing.upto(table, before)


async def _in_steps(
    record: Record,
    rules: Rules,
    after: _Id,
    find: Callable[[Ageing, _Id], Awaitable[Sequence[_Id]]],
    drop: Callable[[Ageing, Sequence[_Id]], Awaitable[int]],
) -> int:
    """Looks without a lock, drops a batch, lets others write, and so on from there."""
    count = 0
    while True:
        async with record.read() as tx:
            ids = await find(tx.ageing, after)
        if ids:
            async with record.begin() as tx:
                count += await drop(tx.ageing, ids)
        if len(ids) < rules.batch:
            return count
        after = ids[-1]
        await asyncio.sleep(rules.pause_s)


async def _threads(record: Record, saver: BaseCheckpointSaver[str], rules: Rules) -> int:
    gone: set[str] = set()
    async for page in threads(saver, rules.batch):
        # The record is asked after the thread was seen: a triage is stored before its thread begins.
        async with record.read() as tx:
            ended = await tx.ageing.ended(page, rules.settled_ms)
        for one in sorted(ended):
            await saver.adelete_thread(one)
        gone |= ended
        await asyncio.sleep(rules.pause_s)
    return len(gone)


async def _shorten(record: Record, saver: BaseCheckpointSaver[str], rules: Rules) -> None:
    """Gives room back bit by bit."""
    more = True
    while more:
        async with record.begin() as tx:
            here = await tx.ageing.shorten()
        more = await shorten(saver) or here
        await asyncio.sleep(rules.pause_s)
