"""What approvers decided, kept at hand for the engine. Implements `graphs.learning.online.Precedents` on the record.

Owns what is in memory between two tickets: the newest lessons of the places asked for last, brought up to date before
each answer, so a decision teaches from its commit on. What was forgotten goes at the same moment; what retention took
goes at the latest after `RELOAD_S`. Places never teach each other. Must not decide who may teach: the gate did.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from bot.record.eraser import ERASED
from bot.record.lessons import FROM_THE_START, Lesson, Taught
from bot.record.record import Record, Transaction
from graphs.answers import Screened
from graphs.learning.online import MOST, Decided
from graphs.model import CleanTicket, TicketKey

RELOAD_S = 3600.0
MOST_KEPT = 5 * MOST
"""Tickets of all places together: about 2 kB of text each."""
PAGE = 200


@dataclass(slots=True)
class _Held:
    """The lessons of one place."""

    loaded: float
    head: int = FROM_THE_START
    newest: dict[TicketKey, tuple[Lesson, Decided | None]] = field(default_factory=dict)
    """Of each ticket its newest lesson; without a ticket it only stands in the way of older ones."""
    public: tuple[Decided, ...] = ()
    everything: tuple[Decided, ...] = ()

    def take(self, found: Sequence[Taught]) -> None:
        for one in found:
            known = self.newest.get(one.lesson.ticket)
            if known is None or known[0].proposal == one.lesson.proposal or known[0].seq < one.lesson.seq:
                self.newest[one.lesson.ticket] = (one.lesson, _decided(one))

    def sort(self) -> None:
        """Newest first, and no more than are looked at."""
        kept = sorted(self.newest.items(), key=lambda one: -one[1][0].seq)[:MOST]
        self.newest = dict(kept)
        self.everything = tuple(decided for _, (_, decided) in kept if decided is not None)
        self.public = tuple(one for one in self.everything if not one.ticket.private)


class RecordPrecedents:
    def __init__(self, record: Record, clock: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._clock = clock
        self._places: OrderedDict[str, _Held] = OrderedDict()
        self._looking = asyncio.Lock()

    async def decided(self, about: CleanTicket) -> Sequence[Decided]:
        place = about.ref.place
        async with self._looking:
            held = self._places.get(place)
            if held is None or self._clock() - held.loaded >= RELOAD_S:
                held = _Held(loaded=self._clock())
            await self._catch_up(place, held)
            self._places[place] = held
            self._places.move_to_end(place)
            self._make_room()
        return held.everything if about.private else held.public

    async def _catch_up(self, place: str, held: _Held) -> None:
        async with self._record.read() as tx:
            head = await tx.lessons.head(place)
        upto, left = head, MOST
        while held.head < upto and left > 0:
            async with self._record.read() as tx:
                found = await tx.lessons.changed(place, held.head, upto, PAGE)
            held.take(found)
            left -= len(found)
            upto = found[-1].lesson.seq - 1 if len(found) == PAGE else held.head
            await asyncio.sleep(0)  # thousands of texts at the first look: others get their turn
        if head > held.head:
            held.head = head
            held.sort()

    def _make_room(self) -> None:
        """The place that was asked for longest ago goes first."""
        while len(self._places) > 1 and sum(len(one.newest) for one in self._places.values()) > MOST_KEPT:
            self._places.popitem(last=False)


def _decided(one: Taught) -> Decided | None:
    """None for what teaches nothing: no layer named, forgotten, or its text is gone."""
    if one.lesson.forgotten or one.lesson.layer is None or one.screened is None:
        return None
    try:
        ticket = Screened.model_validate_json(one.screened).ticket
    except ValidationError:  # written by another version of this program
        return None
    if ticket.title == ERASED:
        return None
    return Decided(ticket=ticket, layer=one.lesson.layer, by=one.lesson.by)


async def forget_lessons(tx: Transaction, ticket: TicketKey, why: str, by: str = "operator") -> int:
    """Nothing that was decided about this ticket teaches any more, and the audit says so; returns how many lessons."""
    count = await tx.lessons.about(ticket)
    if count:
        seq = await tx.audit.append(by, "lessons_forgotten", ticket, lessons=str(count), why=why)
        await tx.lessons.forget(ticket, seq)
    return count
