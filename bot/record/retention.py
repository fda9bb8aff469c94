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

from bot.record.ageing import Ageing
from bot.record.record import Record
from bot.record.tables import inbox, jobs, quarantine
from bot.record.threads import SPARE_PAGES, give_back, threads
from graphs.model import Millis, Value

DAY_MS = 24 * 60 * 60 * 1000
DELIVERIES_MS = 90 * DAY_MS
"""How long a delivery's id and hash are kept at least: senders repeat one for days, and GitHub signs no time."""
SETTLED_MS = 60 * 60 * 1000
"""How long a triage must have ended before its thread is swept: whoever settles it may be at it just now."""
VACUUM_PAGES = 256

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
        bodies=await _bodies(record, rules, now),
        jobs=await _jobs(record, rules, now),
        triages=await _answers(record, rules, now),
        deliveries=await _deliveries(record, rules, now),
        threads=await _threads(record, saver, rules),
    )
    await _shorten(record, saver, rules)
    return swept


async def _bodies(record: Record, rules: Rules, now: Millis) -> int:
    count = 0
    for table in (inbox, quarantine):
        upto = await _upto(record, table, now - rules.bodies_ms)
        find = partial(_find_bodies, table, upto, rules.batch)
        count += await _in_steps(record, rules, 0, find, partial(_drop_bodies, table))
    return count
