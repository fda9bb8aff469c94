"""A sweep: the tickets of the backlog that were never triaged get their turn, oldest first, behind everything new.

Owns which tickets a sweep takes. What it queues is committed page by page, so it can be interrupted at any time and
started again: a ticket that was triaged before, or waits for its turn, is passed over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from bot.record.record import Record, Transaction
from bot.service.bundling import SWEPT, tell_soon
from bot.tasks import SweepTicket
from graphs.model import InstallId, TicketRef, Value


class Backlog(Protocol):
    def tickets(self, install: InstallId, project: str) -> AsyncIterator[tuple[TicketRef, ...]]:
        """The tickets of a project that were asked for, oldest first, in pages. Raises `graphs.errors.TrackerError`."""
        ...


class Swept(Value):
    """How many tickets were seen, how many of them were known already, how many were queued."""

    seen: int = 0
    known: int = 0
    queued: int = 0

    def plus(self, seen: int, known: int, queued: int) -> Swept:
        return Swept(seen=self.seen + seen, known=self.known + known, queued=self.queued + queued)


class Sweeping:
    def __init__(
        self,
        record: Record,
        backlog: Backlog,
        progress: Callable[[Swept], None],
        chosen: Callable[[Sequence[TicketRef]], None] = lambda _: None,
        *,
        closed_too: bool = False,
    ) -> None:
        """`chosen` is told which tickets are queued; in a dry run, which would be."""
        self._record = record
        self._backlog = backlog
        self._progress = progress
        self._chosen = chosen
        self._closed_too = closed_too

    async def sweep(
        self, install: InstallId, projects: tuple[str, ...], limit: int, *, dry_run: bool, so_far: Swept | None = None
    ) -> Swept:
        """Queues at most `limit` tickets. With `dry_run` it only counts. Raises `graphs.errors.TrackerError`.

        `so_far` is what another install's sweep came to: the limit and the sums go on from there.
        """
        swept = so_far or Swept()
        if swept.queued >= limit:
            return swept
        for project in projects:
            async for page in self._backlog.tickets(install, project):
                swept = await self._page(swept, page, limit, dry_run=dry_run)
                self._progress(swept)
                if swept.queued >= limit:
                    return swept
        return swept

    async def _page(self, swept: Swept, page: tuple[TicketRef, ...], limit: int, *, dry_run: bool) -> Swept:
        if dry_run:
            async with self._record.read() as tx:
                new = await unknown(tx, page)
            self._chosen(new[: limit - swept.queued])
            return swept.plus(len(page), len(page) - len(new), min(len(new), limit - swept.queued))
        async with self._record.begin() as tx:
            new = await unknown(tx, page)
            chosen = new[: limit - swept.queued]
            for ref in chosen:
                await tx.jobs.add(SweepTicket(ref=ref, why=SWEPT, closed_too=self._closed_too), ticket=ref.key)
            await tell_soon(tx)
        self._chosen(chosen)
        return swept.plus(len(page), len(page) - len(new), len(chosen))


async def unknown(tx: Transaction, page: Sequence[TicketRef]) -> list[TicketRef]:
    """Those that were never triaged and do not wait for their turn either."""
    keys = [ref.key for ref in page]
    known = await tx.triages.seen(keys) | await tx.jobs.waiting_for(keys)
    return [ref for ref in page if ref.key not in known]
