"""The tickets seen lately, at hand for the running bot. Implements `graphs.ports.Neighbours`.

Owns what is kept in memory: at most `MOST` tickets as numbers, none of their text. It is rebuilt from the source at the
first look and follows it from there. Bounded in time: who asks waits `WAIT_S` and goes on without an answer, while the
look goes on. Whatever goes wrong is reported and costs the answer, never the triage. Must not close anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from graphs.model import CleanTicket, Millis, Similar, TicketKey, TicketRef, TriageId, Value
from graphs.similar.index import SHOWN_FROM, Entry, Hit
from graphs.similar.projects import SimilarByProject

MOST = 5_000
"""Of all projects together: 270 MiB at the most, most of it for the seconds in which the vectors are learnt anew."""
SHOWN = 3
WAIT_S = 2.0
PAGE = 100
OVERLAP_MS = 30_000
"""What was stored within this time may have been committed after something younger: it is looked for again."""
RELOAD_S = 3600.0
"""After this everything is compared: what the record forgot meanwhile is forgotten."""


class SeenTicket(Value):
    triage: TriageId
    read_at: Millis
    """By the source's clock."""
    ticket: CleanTicket | None
    """None: its text is gone."""
    opened_at: Millis


class SeenTickets(Protocol):
    """Tickets as they were read, from the record."""

    async def keys(self, since: Millis, most: int) -> Sequence[tuple[TriageId, Millis]]:
        """(triage, when its ticket was read or last changed) of the newest since then, oldest first."""
        ...

    async def read(self, triages: Collection[TriageId]) -> Sequence[SeenTicket]:
        """Those of them that are still there, in no order."""
        ...


class _Known(Value):
    triage: TriageId
    ref: TicketRef
    url: str


class RecentTickets:
    def __init__(
        self,
        source: SeenTickets,
        report: Callable[[Exception], None],
        *,
        most: int = MOST,
        wait_s: float = WAIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._report = source, report
        self._most, self._wait_s, self._clock = most, wait_s, clock
        self._index = SimilarByProject()
        self._read: dict[TriageId, Millis] = {}
        self._known: dict[TicketKey, _Known] = {}
        """In the order of reading: the first goes first."""
        self._upto = Millis(0)
        self._compared: float | None = None
        self._look: asyncio.Task[None] | None = None
        # The index is not safe for threads: one thread does all of it, also what nobody waits for any more.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="similar")

    def __len__(self) -> int:
        return len(self._known)

    def start(self) -> None:
        """Begins to read what is there, so that the first ticket need not wait for it."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._looking())

    async def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def find(self, ticket: CleanTicket, opened_at: Millis) -> tuple[Similar, ...]:
        try:
            async with asyncio.timeout(self._wait_s):
                self.start()
                assert self._look is not None, "it was started"
                await asyncio.shield(self._look)
                # Trackers tell seconds: what was filed in the same one counts as before.
                asked = _entry(ticket, Millis(opened_at + 1))
                hits = await self._apart(lambda: self._index.find_at_home(asked, SHOWN))
        except Exception as error:  # noqa: BLE001  # a help for the reader must not cost the triage
            self._report(error)
            return ()
        found = [(self._known.get(TicketKey(hit.key)), hit) for hit in hits if hit.score >= SHOWN_FROM]
        return tuple(Similar(ref=one.ref, url=one.url, score=hit.score) for one, hit in found if one is not None)

    async def _apart(self, work: Callable[[], list[Hit]]) -> list[Hit]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _looking(self) -> None:
        """Takes in what is new; from time to time also out what is gone."""
        now = self._clock()
        whole = self._compared is None or now - self._compared >= RELOAD_S
        since = Millis(0) if whole else Millis(max(0, self._upto - OVERLAP_MS))
        keys = await self._source.keys(since, self._most)
        new = [triage for triage, at in keys if self._read.get(triage) != at]
        for start in range(0, len(new), PAGE):
            found = await self._source.read(new[start : start + PAGE])
            await self._apart(lambda found=found: self._take(found))  # type: ignore[misc]  # binds this page
        if whole:
            await self._apart(lambda: self._keep({triage for triage, _ in keys}))
            self._compared = now
        self._upto = Millis(max([self._upto, *(at for _, at in keys)]))

    def _take(self, found: Sequence[SeenTicket]) -> list[Hit]:
        """The last of it fits the vectors, so that whoever asks need not."""
        for one in sorted(found, key=lambda one: (one.read_at, one.triage)):
            self._read[one.triage] = one.read_at
            if one.ticket is None:
                self._drop({one.triage})
                continue
            key = one.ticket.ref.key
            self._known.pop(key, None)
            self._known[key] = _Known(triage=one.triage, ref=one.ticket.ref, url=one.ticket.url)
            self._index.add(_entry(one.ticket, one.opened_at))
        self._drop({one.triage for one in list(self._known.values())[: max(0, len(self._known) - self._most)]})
        if len(found) < PAGE:
            self._index.learn()
        return []

    def _keep(self, there: Collection[TriageId]) -> list[Hit]:
        self._drop(set(self._read) - set(there))
        return []

    def _drop(self, gone: Collection[TriageId]) -> None:
        for triage in gone:
            self._read.pop(triage, None)
        for key in [key for key, one in self._known.items() if one.triage in gone]:
            del self._known[key]
            self._index.remove(key)


def _entry(ticket: CleanTicket, opened_at: Millis) -> Entry:
    ref = ticket.ref
    return Entry(
        key=ref.key, title=ticket.title, body=ticket.body, at=opened_at, project=ref.place, private=ticket.private
    )
