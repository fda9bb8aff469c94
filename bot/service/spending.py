"""What models have cost: noted in the record's audit for all processes, or in memory for a command that ends.

Implements `graphs.agent.budget.Journal`. Bills that were read are kept in memory, so that a look asks the record only
for what is new; what was just noted here counts at once.
"""

from __future__ import annotations

import time
from collections import deque

from bot.record.record import Record, Transaction
from bot.record.spending import ACTION, SUBJECT, Bill
from graphs.agent.budget import DAY_S, Spent, Totals
from graphs.model import Millis

DAY_MS = int(DAY_S * 1000)


class RecordJournal:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._bills: deque[Bill] = deque()
        self._read = 0

    async def note(self, spent: Spent) -> None:
        async with self._record.begin() as tx:
            await note_in(tx, spent)

    async def since(self, seconds: float) -> Totals:
        now = await self._read_on()
        return _sum(self._bills, Millis(now - int(seconds * 1000)))

    async def after(self, moment: Millis) -> Totals:
        """Spent later than that moment of the record's clock, of the last day."""
        await self._read_on()
        return _sum(self._bills, moment)

    async def _read_on(self) -> Millis:
        """Reads what is new; returns the record's time."""
        async with self._record.read() as tx:
            now = await tx.now()
            new = await tx.spending.since(DAY_MS, self._read)
        for bill in new:
            if bill.seq > self._read:  # two looks at the same time read the same
                self._bills.append(bill)
                self._read = bill.seq
        while self._bills and self._bills[0].at <= now - DAY_MS:
            self._bills.popleft()
        return now


async def note_in(tx: Transaction, spent: Spent) -> None:
    """The bill, in the caller's transaction."""
    usage = spent.usage
    await tx.audit.append(
        "agent:triage",
        ACTION,
        SUBJECT,
        triage=spent.triage,
        model=spent.model,
        prompt=spent.prompt,
        outcome=spent.outcome.value,
        usd=f"{spent.usd:.6f}",
        tokens=str(usage.tokens),
        fresh=str(usage.fresh),
        cached=str(usage.cached),
        kept=str(usage.kept_minutes + usage.kept_hour),
        written=str(usage.written),
        lost=str(usage.lost),
        steps=str(spent.steps),
        calls=str(spent.calls),
        keep=spent.keep.value,
        agreed="unknown" if spent.agreed is None else str(spent.agreed).lower(),
        batch=spent.batch,
    )


class MemoryJournal:
    """Of this process alone: for dry runs, files and evaluations."""

    def __init__(self) -> None:
        self._bills: list[Bill] = []
        self.spent: list[Spent] = []

    async def note(self, spent: Spent) -> None:
        self.spent.append(spent)
        at = Millis(int(time.time() * 1000))
        self._bills.append(Bill(seq=len(self._bills), at=at, usd=spent.usd, tokens=spent.usage.tokens))

    async def since(self, seconds: float) -> Totals:
        return _sum(self._bills, Millis(int((time.time() - seconds) * 1000)))


def _sum(bills: deque[Bill] | list[Bill], since: Millis) -> Totals:
    within = [one for one in bills if one.at > since]
    return Totals(usd=round(sum(one.usd for one in within), 6), tokens=sum(one.tokens for one in within))
