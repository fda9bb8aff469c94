"""Rows of the fault list that the use-cases alone must stand: races, floods, poison, an audit without room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.record.record import Record
from bot.record.tables import jobs, triages
from bot.service.triaging import Triaging, buried
from bot.tasks import Asker, Claimed, TellChannel, TriageTicket
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from graphs.model import Approved, ProposalId, Rejected, TicketRef, TriageId
from tests.builders import a_ref, a_ticket
from tests.service.house import House
from tests.service.test_verdicts import audited, click, decision, form, keep, written

QUICK = Pace(concurrency=4, poll_s=0.02, backoff_s=0.001, backoff_max_s=0.002, outage_s=0.001)


async def nobody(_asker: Asker, _text: str) -> None:
    raise AssertionError("nobody asked")


async def until_done(worker: Worker, record: Record, kind: str) -> None:
    """Lets the worker run until no job of this kind is left."""
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while await left(record, kind):  # noqa: ASYNC110  # the record has no event
            await asyncio.sleep(0.01)
    worker.stop()
    await running


async def left(record: Record, kind: str) -> int:
    async with record.engine.connect() as connection:
        rows = await connection.execute(jobs.select().where(jobs.c.kind == kind, jobs.c.finished_at.is_(None)))
        return len(rows.all())


# --- two at once --------------------------------------------------------------------------------------------------


async def test_fault_23_approve_and_reject_at_once(house: House) -> None:
    """The first commit wins; the audit has both attempts, and only an approval has work behind it."""
    for number in range(6):
        proposal = await house.propose(a_ticket(a_ref(number + 1)), triage=f"{number:032x}")
        await keep(house, click(proposal, user="U0YES"))
        await keep(house, form(proposal, "reject_form", user="U0NO"))
        both = [await house.claim("take_verdict") for _ in range(2)]
        await asyncio.gather(*(house.verdicts.take(job) for job in both[:: 1 if number % 2 else -1] if job))
        made = await decision(house, proposal)
        assert isinstance(made, Approved | Rejected)
        tried = await audited(house, proposal)
        won = (f"human:{made.by}", made.status)
        lost = (f"human:{'U0NO' if made.by == 'U0YES' else 'U0YES'}", "decision_refused")
        assert sorted(tried) == sorted([won, lost])
        assert (proposal in await written(house)) == isinstance(made, Approved)


async def test_fault_27_two_deliveries_of_one_ticket_in_parallel(house: House) -> None:
    """Opened and reopened arrive together: one is worked on at a time, and one proposal lives."""
    at_work: set[TriageId] = set()

    class Slow:
        async def start(
            self, triage: TriageId, ref: TicketRef, ended: Callable[[], None], *, closed_too: bool = False
        ) -> None:
            assert not at_work, "two at once"
            at_work.add(triage)
            await asyncio.sleep(0.05)
            at_work.remove(triage)

        async def forget(self, triage: TriageId) -> None: ...

    async with house.record.begin() as tx:
        for why in ("opened", "reopened", "reopened"):
            await tx.jobs.add(TriageTicket(ref=a_ref(), why=why), ticket=a_ref().key)
    triaging = Triaging(house.record, Slow(), nobody, lambda: False)  # type: ignore[arg-type]  # a double
    await until_done(_worker(house.record, triaging), house.record, "triage_ticket")
    async with house.record.engine.connect() as connection:
        assert len((await connection.execute(triages.select())).all()) == 1


def _worker(record: Record, triaging: Triaging) -> Worker:
    return Worker(record, InProcess(), {"triage_ticket": triaging.triage}, buried, QUICK)


# --- floods and poison --------------------------------------------------------------------------------------------


async def test_fault_61_an_approval_does_not_wait_behind_a_flood(house: House) -> None:
    proposal = await house.propose()
    async with house.record.begin() as tx:
        for number in range(300):
            await tx.jobs.add(TriageTicket(ref=a_ref(number + 100), why="opened"), ticket=a_ref(number + 100).key)
    await keep(house, click(proposal))
    async with house.record.begin() as tx:
        first = await tx.jobs.claim(["triage_ticket", "take_verdict", "post_card"], "tests", 60_000)
    assert first is not None
    assert first.kind == "take_verdict"


async def test_fault_63_a_ticket_that_kills_its_worker_is_given_up_and_its_neighbours_are_not(house: House) -> None:
    """Attempts are counted at the claim: nobody has to live to count them."""
    begun: list[str] = []

    class Deadly:
        async def start(
            self, triage: TriageId, ref: TicketRef, ended: Callable[[], None], *, closed_too: bool = False
        ) -> None:
            begun.append(ref.number)

    async with house.record.begin() as tx:
        await tx.jobs.add(TriageTicket(ref=a_ref(1), why="opened"), ticket=a_ref(1).key)
    for attempt in range(1, 6):
        async with house.record.begin() as tx:
            job = await tx.jobs.claim(["triage_ticket"], f"worker {attempt}, which is about to die", -1)
        assert job is not None
        assert job.attempts == attempt
    async with house.record.begin() as tx:
        await tx.jobs.add(TriageTicket(ref=a_ref(2), why="opened"), ticket=a_ref(2).key)
    triaging = Triaging(house.record, Deadly(), nobody, lambda: False)  # type: ignore[arg-type]  # a double
    await until_done(_worker(house.record, triaging), house.record, "triage_ticket")
    assert begun == ["2"], "the sixth worker does not even begin"
    async with house.record.read() as tx:
        assert [kind for _, kind, _ in await tx.jobs.dead()] == ["triage_ticket"]
    told = [one.text for one in await house.waiting("tell_channel") if isinstance(one, TellChannel)]
    assert len(told) == 1
    assert "acme/assistant#1. It needs a person" in told[0]


async def test_fault_63_a_ticket_that_raises_is_tried_five_times(house: House) -> None:
    tries: list[str] = []

    class Raising:
        async def start(
            self, triage: TriageId, ref: TicketRef, ended: Callable[[], None], *, closed_too: bool = False
        ) -> None:
            tries.append(ref.number)
            if ref.number == "1":
                raise RuntimeError("a parser stumbles")

    async with house.record.begin() as tx:
        for number in (1, 2):
            await tx.jobs.add(TriageTicket(ref=a_ref(number), why="opened"), ticket=a_ref(number).key)
    triaging = Triaging(house.record, Raising(), nobody, lambda: False)  # type: ignore[arg-type]  # a double
    await until_done(_worker(house.record, triaging), house.record, "triage_ticket")
    assert (tries.count("1"), tries.count("2")) == (5, 1)
    told = [one.text for one in await house.waiting("tell_channel") if isinstance(one, TellChannel)]
    assert len(told) == 1
    assert "RuntimeError" in told[0]
    assert "stumbles" not in told[0]


# --- an audit that cannot be written ------------------------------------------------------------------------------


async def test_fault_15_without_its_audit_entry_no_decision_is_made(house: House) -> None:
    proposal = await house.propose()
    await keep(house, click(proposal))
    job = await house.claim("take_verdict")
    assert job is not None
    broken = True

    @event.listens_for(house.record.engine.sync_engine, "before_cursor_execute")
    def fail(_c: object, _cursor: object, said: str, *_rest: object) -> None:
        if broken and said.startswith("INSERT INTO audit"):
            raise OperationalError(said, {}, OSError("disk full"))

    with pytest.raises(OperationalError):
        await house.verdicts.take(job)
    assert await decision(house, proposal) is None
    assert await written(house) == []
    broken = False
    await house.verdicts.take(job)
    assert isinstance(await decision(house, proposal), Approved)
    assert [action for _, action in await audited(house, proposal)] == ["approved"]


# --- the way to the end is told again -----------------------------------------------------------------------------


async def test_who_asked_is_told_although_an_earlier_try_died_before_it_could(house: House) -> None:
    """The triage has ended, the answer was not given: the next try gives it, and closes the thread."""
    told: list[str] = []
    forgotten: list[TriageId] = []
    asker = Asker(user="U01ONDUTY", team="T0LOCAL", channel="C01TRIAGE", response_url="")

    async def reply(_asker: Asker, text: str) -> None:
        told.append(text)

    class Dying:
        async def start(
            self, triage: TriageId, ref: TicketRef, ended: Callable[[], None], *, closed_too: bool = False
        ) -> None:
            from bot.service.notebook import RecordNotebook

            await RecordNotebook(house.record).close(triage, "the ticket is closed")
            raise KeyboardInterrupt  # whatever ends a process

        async def forget(self, triage: TriageId) -> None:
            forgotten.append(triage)

        async def resume(self, triage: TriageId, proposal: ProposalId, status: str) -> None: ...

    async with house.record.begin() as tx:
        await tx.jobs.add(TriageTicket(ref=a_ref(), why="asked", asker=asker), ticket=a_ref().key)
    job: Claimed | None = await house.claim("triage_ticket")
    assert job is not None
    triaging = Triaging(house.record, Dying(), reply, lambda: False)  # type: ignore[arg-type]  # a double
    with suppress(KeyboardInterrupt):
        await triaging.triage(job)
    assert told == []
    await triaging.triage(job)
    assert told == ["acme/assistant#12: nothing to do, the ticket is closed."]
    assert len(forgotten) == 1
