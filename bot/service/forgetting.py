"""A person asked to be forgotten: waiting proposals are taken back in sight of everybody, then the texts go.

First each ticket of that person, one small transaction after the other; then the account wherever else it stands. It
can be cut off anywhere and asked for again: what is done is not done twice. Work that is under way is waited for by
whoever calls, and asked for again. The audit keeps its entries, without what they said of the person.
"""

from __future__ import annotations

from functools import partial
from typing import Self

from bot.record.eraser import Eraser
from bot.record.erasure import NAMED
from bot.record.record import Record, Transaction
from bot.record.retention import blind
from bot.record.scrub import scrub
from bot.record.tables import inbox, quarantine
from bot.service.precedents import forget_lessons
from bot.service.stand_ins import stand_ins
from bot.service.triaging import close_undecided
from bot.tasks import RefreshCard
from graphs.model import InstallId, TicketKey, TriageId, TriageState, Value, Withdrawn
from graphs.state import Step

ON_REQUEST = "erased on request"
BATCH = 200


class Whom(Value):
    """Either an account (of a tracker, or a person's id in Slack), or one ticket."""

    install: InstallId
    account: str = ""
    ticket: TicketKey | None = None


class Found(Value):
    """What would be erased."""

    tickets: tuple[TicketKey, ...]
    waiting: tuple[TicketKey, ...]
    """Those whose proposals would be taken back."""
    entries: int
    """Audit entries that would lose facts."""


class Forgotten(Value):
    tickets: int
    withdrawn: int
    entries: int
    deliveries: int
    busy: tuple[str, ...]
    """What is being worked on just now, and was left: ask again."""

    def after(self, before: Self) -> Self:
        """Both together, as busy as the later one."""
        counts = ("tickets", "withdrawn", "entries", "deliveries")
        return self.model_copy(update={name: getattr(self, name) + getattr(before, name) for name in counts})


class Forgetting:
    def __init__(self, record: Record, key: bytes) -> None:
        """`key` is that of `bot.record.retention.Rules`."""
        self._record = record
        self._blind = partial(blind, key)
        self._words: set[str] = set()

    async def find(self, whom: Whom) -> Found:
        """Changes nothing."""
        tickets = await self._tickets(whom)
        entries: set[int] = set()
        waiting = []
        async with self._record.read() as tx:
            for ticket in tickets:
                entries.update(await tx.audit.about(ticket))
                live = await tx.triages.live(ticket)
                if live and (await tx.triages.get(live)).state is TriageState.AWAITING:
                    waiting.append(ticket)
            if whom.account:
                entries.update(await tx.audit.naming(whom.account))
        return Found(tickets=tuple(tickets), waiting=tuple(waiting), entries=len(entries))

    async def _tickets(self, whom: Whom) -> list[TicketKey]:
        async with self._record.read() as tx:
            if whom.ticket is not None:
                return [whom.ticket] if await tx.erasure.is_known(whom.ticket) else []
            return sorted(await tx.erasure.tickets_of(whom.install, whom.account, self._blind(whom.account)))

    async def forget(self, whom: Whom, why: str) -> Forgotten:
        """`why` stays in the audit: it names nobody."""
        self._words |= {whom.account} - {""}
        work = _Work(self._record, whom, why, self._words)
        return await work.done(await self._tickets(whom))


class _Work:
    """One request, once through."""

    def __init__(self, record: Record, whom: Whom, why: str, words: set[str]) -> None:
        self._record = record
        self._whom = whom
        self._why = why
        self._eraser = Eraser(whom.account)
        self._words = words
        self._busy: set[str] = set()
        self._withdrawn = 0
        self._entries = 0

    async def done(self, tickets: list[TicketKey]) -> Forgotten:
        """In this order a request that was cut off finds what is left: the tickets by their texts, the rest by name."""
        for ticket in tickets:
            await self._withdraw(ticket)
        deliveries = await self._deliveries(tickets)
        for ticket in tickets:
            await self._erase(ticket)
        if self._whom.account:
            await self._unname(self._whom.account)
        await self._look_back()
        await scrub(self._record.engine)
        return Forgotten(
            tickets=len(set(tickets) - self._busy),
            withdrawn=self._withdrawn,
            entries=self._entries,
            deliveries=deliveries,
            busy=tuple(sorted(self._busy)),
        )

    async def _withdraw(self, ticket: TicketKey) -> None:
        """Ends a live triage, unless somebody is at it."""
        async with self._record.begin() as tx:
            live = await tx.triages.live(ticket)
            if live is None:
                return
            state = (await tx.triages.get(live)).state
            proposal = await tx.proposals.latest(live)
            if state is TriageState.AWAITING and proposal is not None:
                taken_back = Withdrawn(at=await tx.now(), why=ON_REQUEST)
                self._withdrawn += await close_undecided(tx, proposal, taken_back)
            elif state is TriageState.QUEUED:
                await _stop(tx, ticket, live)

    async def _erase(self, ticket: TicketKey) -> None:
        """The ticket's texts, and the audit last: whoever holds the chain's head should wait for nobody."""
        async with self._record.begin() as tx:
            if await tx.triages.live(ticket) is not None:
                self._busy.add(ticket)
                return
            await forget_lessons(tx, ticket, ON_REQUEST)
            await tx.erasure.ticket(ticket, self._eraser)
            await _redraw(tx, ticket)
            self._entries += await tx.audit.erase(await tx.audit.about(ticket), self._why)

    async def _unname(self, account: str) -> None:
        """The account, wherever it stands."""
        for column in NAMED:
            async with self._record.read() as tx:
                keys = await tx.erasure.naming(column, account)
            for start in range(0, len(keys), BATCH):
                async with self._record.begin() as tx:
                    changed = await tx.erasure.unname(column, keys[start : start + BATCH], self._eraser)
                    for ticket in sorted(changed.tickets):
                        await _redraw(tx, ticket)
                for ticket in sorted(changed.busy):
                    self._busy.add(ticket)
                    await self._withdraw(ticket)  # where it waits for a person; the rest when it is asked for again
        async with self._record.begin() as tx:
            await tx.erasure.person(account)
            self._busy |= {f"job {job}" for job in await tx.erasure.jobs_about(account)}
            named = await tx.audit.naming(account)
            for start in range(0, len(named), BATCH):
                self._entries += await tx.audit.erase(named[start : start + BATCH], self._why)

    async def _deliveries(self, tickets: list[TicketKey]) -> int:
        """Bodies of clicks and commands that speak of the person or the tickets."""
        async with self._record.read() as tx:
            for ticket in tickets:
                self._words |= await tx.erasure.ids_of(ticket)
        count = 0
        for table in (inbox, quarantine):
            after, more = 0, bool(self._words)
            while more:
                async with self._record.begin() as tx:
                    ids = await tx.ageing.find_bodies(table, after, await tx.ageing.newest(table), BATCH)
                    found = await tx.erasure.deliveries(table, ids, self._words)
                    count += await tx.erasure.put_aside(found) if table is inbox else 0
                    count += await tx.ageing.drop_bodies(table, found)
                after, more = (ids[-1], True) if ids else (after, False)
        return count

    async def _look_back(self) -> None:
        """What came in meanwhile, or was not done with yet."""
        async with self._record.read() as tx:
            if await tx.erasure.deliveries(inbox, await tx.ageing.needed(), self._words):
                self._busy.add("clicks or commands that are being worked on")


async def _stop(tx: Transaction, ticket: TicketKey, live: TriageId) -> None:
    """Ends a triage that waits for another try; one that runs just now is left."""
    open_jobs = await tx.erasure.open_jobs(ticket, "triage_ticket")
    if "leased" in open_jobs.values():
        return
    for job in open_jobs:
        await tx.operating.drop(job, ON_REQUEST)
    await tx.triages.move(live, TriageState.QUEUED, TriageState.CLOSED, ON_REQUEST)
    await tx.audit.append("operator", "withdrawn", ticket)


async def _redraw(tx: Transaction, ticket: TicketKey) -> None:
    """Slack shows what the record says, as soon as a bot runs."""
    for triage in await tx.erasure.shown(ticket):
        proposal = await tx.proposals.latest(triage)
        if proposal is not None and await tx.triages.recall(triage, Step.SCREEN) is None:
            for step, answer in stand_ins(proposal).items():
                await tx.triages.keep(triage, step, answer.model_dump_json())
        await tx.jobs.add(RefreshCard(triage=triage), ticket=ticket)
