"""How far a sweep is: what is left of it, what models have cost since it began, and about how long it will take.

Owns the figures. Looking changes nothing, so whoever looks may stop at any time: the running bot goes on.
"""

from __future__ import annotations

from bot.record.record import Record
from bot.service.bundling import KIND, SWEPT
from bot.service.spending import RecordJournal
from graphs.model import Millis, Value

_LEAST_DONE = 3
"""Before so many are done, nothing is said about the rest."""


class Far(Value):
    done: int
    left: int
    seconds: float
    usd: float
    waiting: int = 0
    """Cards of the sweep that wait for a decision: where they are many, the rest stays in line behind them."""

    @property
    def words(self) -> str:
        waiting = f", {self.waiting} cards wait for a decision" if self.waiting else ""
        said = f"{self.done} of {self.done + self.left} tickets triaged{waiting}, ${self.usd:.4f} so far"
        if self.left == 0 or self.done < _LEAST_DONE:
            return said
        return f"{said}, about {in_words(self.left * self.seconds / self.done)} left"


class Watching:
    """Begins to count when it is made."""

    def __init__(self, record: Record, journal: RecordJournal, began: Millis, whole: int) -> None:
        self._record = record
        self._journal = journal
        self._began = began
        self._whole = whole

    @classmethod
    async def of(cls, record: Record, journal: RecordJournal) -> Watching:
        async with record.read() as tx:
            return cls(record, journal, await tx.now(), await tx.operating.unfinished(KIND))

    async def look(self) -> Far:
        async with self._record.read() as tx:
            left, now = await tx.operating.unfinished(KIND), await tx.now()
            waiting = await tx.triages.waiting_because(SWEPT)
        self._whole = max(self._whole, left)  # another sweep may have begun meanwhile
        seconds = (now - self._began) / 1000
        spent = await self._journal.after(self._began)
        return Far(done=self._whole - left, left=left, seconds=seconds, usd=spent.usd, waiting=waiting)


def in_words(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004  # from here on minutes say enough
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"  # noqa: PLR2004  # as above
