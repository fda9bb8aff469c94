"""The backlog in batches: tickets are read and asked about together, then queued with their answers.

Owns the step from a ticket to a job that carries its answer. The running bot takes the answer where it still fits the
ticket, and does everything else as ever: gate, evidence, proposal, card. A ticket without an answer is queued without
one, so the bot asks in the usual way; one for which there was no money is left for another sweep. A bill and the job
that it paid for are written in one transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.batches.asking import Ask, Asking
from bot.batches.post import Pace, Post
from bot.batches.state import opened
from bot.bootstrap import Core, Means, limits, local_engine, open_batching
from bot.record.record import Record, Transaction
from bot.service.bundling import SWEPT, tell_soon
from bot.service.certainties import RecordDecided
from bot.service.dry_run import Forgetful
from bot.service.owned import RecordOwnedTickets
from bot.service.past import RecordSettledTickets
from bot.service.precedents import RecordPrecedents
from bot.service.spending import RecordJournal, note_in
from bot.service.sweeping import unknown
from bot.tasks import SweepTicket
from bot.trackers.contract import TrackerReader
from graphs.agent.engine import Conversation
from graphs.errors import Denied, TicketGone, TrackerRefused, TrackerRejected
from graphs.hygiene.clean import clean
from graphs.model import Prepared, TicketRef, TicketState, TriageId, Value
from graphs.ports import Dossier
from graphs.tools.read_ticket import ReadTicket
from graphs.tools.toolbox import Arguments, Scene, Toolbox

STATE = "sweep.batches.json"
BOOKED_MS = 40 * 24 * 3_600_000
"""Longer than the service keeps results: no bill within that time is written twice."""
TELL_EVERY = 100


class Told(Value):
    """What became of the tickets of a sweep in batches."""

    queued: int = 0
    answered: int = 0
    """Of the queued ones, those that carry an answer."""
    left: int = 0
    """For want of money: the next sweep takes them."""
    skipped: int = 0
    """Closed, gone or not to be read; or the bot was quicker."""
    usd: float = 0.0


@dataclass
class Tally:
    """What became of tickets so far."""

    told: Told = field(default_factory=Told)

    def add(self, *, queued: int = 0, answered: int = 0, left: int = 0, skipped: int = 0, usd: float = 0.0) -> None:
        old = self.told
        self.told = Told(
            queued=old.queued + queued,
            answered=old.answered + answered,
            left=old.left + left,
            skipped=old.skipped + skipped,
            usd=round(old.usd + usd, 6),
        )


@asynccontextmanager
async def open_batches(
    core: Core, reader: TrackerReader, tell: Callable[[str], None], pace: Pace
) -> AsyncIterator[BacklogBatches]:
    """Raises `BadSetting`, `BadState`."""
    precedents = RecordPrecedents(core.record)
    notebook = Forgetful()
    means = Means(
        policies=core.policies,
        gate=core.gate,
        redactor=core.redactor,
        notebook=notebook,
        reader=reader,
        comments=reader,
        paused=core.paused,
        journal=RecordJournal(core.record),
        limits=core.shared.limits,
        local=local_engine(core.settings, precedents),
        owned=RecordOwnedTickets(core.record),
        past=RecordSettledTickets(core.record),
        decided=RecordDecided(core.record),
    )
    with opened(core.settings.strata_directory / STATE) as state:
        async with open_batching(core.settings, means) as (cascade, batches):
            tally = Tally()
            post = Post(batches, state, tell, lambda: tally.told.usd, pace)
            asking = Asking(cascade, post, state, means.journal, limits(core.settings))
            toolbox = Toolbox(core.gate, notebook, core.paused)
            yield BacklogBatches(core, toolbox, ReadTicket(reader), asking, tally, tell)
        state.done()


class BacklogBatches:
    def __init__(
        self,
        core: Core,
        toolbox: Toolbox,
        read: ReadTicket,
        asking: Asking,
        tally: Tally,
        tell: Callable[[str], None],
    ) -> None:
        self._core = core
        self._record: Record = core.record
        self._toolbox = toolbox
        self._read = read
        self._asking = asking
        self._tally = tally
        self._tell = tell

    async def sweep(self, refs: Sequence[TicketRef], *, closed_too: bool) -> Told:
        """Raises `TrackerError`, `ModelAway`, `ModelRejected`, `Outage`; started again, it goes on."""
        asks = []
        for at, ref in enumerate(refs, 1):
            dossier = await self._dossier(ref, closed_too=closed_too)
            ask = None if dossier is None else await self._asking.prepare(dossier)
            if ask is not None:
                asks.append(ask)
            elif dossier is None:
                self._tally.add(skipped=1)
            else:
                await self._queue([(ref, None)], closed_too=closed_too)  # what the local engine settles needs no model
            if at % TELL_EVERY == 0:
                self._tell(f"{at} of {len(refs)} tickets read")
        async with self._record.read() as tx:
            booked = await tx.spending.booked(BOOKED_MS)
        async for heard in self._asking.run(asks):
            async with self._record.begin() as tx:
                bills = [*heard.unclaimed, *(said.spent for _, said in heard.answers)]
                for bill in (one for one in bills if one.batch not in booked and one.usage.tokens):
                    await note_in(tx, bill)
                pairs = [(one.dossier.ticket.ref, _prepared(one, said)) for one, said in heard.answers]
                queued, answered = await self._add(tx, pairs, closed_too=closed_too)
            booked |= {one.batch for one in bills}
            self._tally.add(queued=queued, answered=answered, skipped=len(pairs) - queued)
            self._tally.add(usd=sum(one.usd for one in bills))
        left = [one for one in asks if one.question.id in self._asking.unsent]
        self._tally.add(left=len(left))
        return self._tally.told

    async def _dossier(self, ref: TicketRef, *, closed_too: bool) -> Dossier | None:
        """None for a ticket that is closed or cannot be read: the next sweep looks again."""
        try:
            ticket = await self._toolbox.use(self._read, Arguments(ref=ref), Scene(TriageId(""), ref))
        except (TicketGone, TrackerRefused, TrackerRejected, Denied):
            return None
        if ticket.state is TicketState.CLOSED and not closed_too:
            return None
        return Dossier(ticket=clean(ticket, self._core.redactor), layers=tuple(self._core.taxonomy.layers))

    async def _queue(self, pairs: Sequence[tuple[TicketRef, Prepared | None]], *, closed_too: bool) -> None:
        async with self._record.begin() as tx:
            queued, answered = await self._add(tx, pairs, closed_too=closed_too)
        self._tally.add(queued=queued, answered=answered, skipped=len(pairs) - queued)

    async def _add(
        self, tx: Transaction, pairs: Sequence[tuple[TicketRef, Prepared | None]], *, closed_too: bool
    ) -> tuple[int, int]:
        new = {ref.key for ref in await unknown(tx, [ref for ref, _ in pairs])}
        chosen = [(ref, prepared) for ref, prepared in pairs if ref.key in new]
        for ref, prepared in chosen:
            task = SweepTicket(ref=ref, why=SWEPT, prepared=prepared, closed_too=closed_too)
            await tx.jobs.add(task, ticket=ref.key)
        await tell_soon(tx)
        return len(chosen), sum(prepared is not None for _, prepared in chosen)


def _prepared(ask: Ask, said: Conversation) -> Prepared | None:
    return None if said.analysis is None else Prepared(id=ask.question.id, analysis=said.analysis)
