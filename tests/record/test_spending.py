"""What models cost stands in the audit, for all processes; past tickets come from the record with their outcome."""

from __future__ import annotations

import asyncio

from bot.record.record import Record
from bot.service.past import RecordSettledTickets
from bot.service.spending import RecordJournal
from graphs.agent.budget import DAY_S, HOUR_S, Outcome, Spent
from graphs.agent.talk import Keep, Usage
from graphs.model import InstallId, TicketKey, TriageId
from tests.builders import a_rejection, an_approval
from tests.record.test_owned import decided


def spent(usd: float = 0.001) -> Spent:
    return Spent(
        triage=TriageId("t"),
        ticket=TicketKey("github:main:acme/assistant#1"),
        model="claude-haiku-5-5",
        prompt="triage/v1",
        outcome=Outcome.ANSWERED,
        usage=Usage(fresh=900, written=100),
        usd=usd,
        steps=1,
        calls=0,
        keep=Keep.NOT,
        agreed=True,
    )


async def test_every_process_sees_what_every_other_has_spent(record: Record) -> None:
    one, other = RecordJournal(record), RecordJournal(record)
    assert (await one.since(DAY_S)).usd == 0
    await one.note(spent())
    await other.note(spent(0.25))
    for journal in (one, other, RecordJournal(record)):
        found = await journal.since(HOUR_S)
        assert (found.usd, found.tokens) == (0.251, 2_000)
        assert await journal.since(HOUR_S) == found, "a second look counts nothing twice"
    fresh = RecordJournal(record)
    both = await asyncio.gather(fresh.since(HOUR_S), fresh.since(HOUR_S))
    assert [one.usd for one in both] == [0.251, 0.251], "nor do two at the same time"
    assert (await one.since(-1)).usd == 0
    async with record.read() as tx:
        entries = await tx.audit.entries("models")
        assert await tx.audit.verify() == 2
    assert {entry.action for entry in entries} == {"model_asked"}
    assert entries[0].facts["agreed"] == "true"
    assert "acme" not in str(entries), "the ticket is not named"


async def test_other_entries_of_the_audit_are_no_bills(record: Record) -> None:
    async with record.begin() as tx:
        await tx.audit.append("operator", "odd", "models", usd="many")
        await tx.audit.append("operator", "odd", "other", usd="1.0", tokens="1")
    assert (await RecordJournal(record).since(DAY_S)).usd == 0


async def test_without_a_decision_there_are_no_past_tickets(record: Record) -> None:
    past = RecordSettledTickets(record)
    assert await past.keys(InstallId("main"), 10) == []
    assert await past.read(["nothing:1"]) == []


async def test_a_past_ticket_has_its_outcome(record: Record) -> None:
    await decided(record, 1, an_approval())
    await decided(record, 2, a_rejection())
    past = RecordSettledTickets(record)
    (one,) = await past.read(await past.keys(InstallId("main"), 10))
    assert (one.name, one.kind, one.owner, one.private) == ("acme/assistant#1", "bug", "ml-lead", False)
    assert one.title == "Answers cite documents that were deleted"


async def test_bills_are_added_up_by_day_model_and_prompt(record: Record) -> None:
    """With what the cache gave and took; a bill of an older version counts with its cost alone."""
    journal = RecordJournal(record)
    usage = Usage(fresh=600, cached=3_000, kept_minutes=300, kept_hour=100, written=200, lost=50)
    await journal.note(spent(0.001).model_copy(update={"usage": usage}))
    await journal.note(spent(0.002).model_copy(update={"usage": usage, "batch": "msgbatch_1/q1"}))
    await journal.note(spent(0.004).model_copy(update={"prompt": "triage/v2", "usage": Usage()}))
    async with record.begin() as tx:
        old = {"model": "claude-haiku-5-5", "prompt": "triage/v1", "usd": "0.5", "tokens": "9"}
        await tx.audit.append("agent:triage", "model_asked", "models", **old)
        await tx.audit.append("operator", "odd", "models", usd="many")
    async with record.read() as tx:
        second, first = await tx.spending.by_day(86_400_000)
        assert await tx.spending.booked(86_400_000) == {"msgbatch_1/q1"}
        assert await tx.spending.by_day(-1_000) == []
    assert (first.prompt, second.prompt) == ("triage/v1", "triage/v2")
    assert (first.asked, first.batched, first.untold, first.usd) == (3, 1, 1, 0.503)
    assert (first.fresh, first.cached, first.kept, first.written, first.lost) == (1_200, 6_000, 800, 400, 100)
    assert first.hit_rate == 0.75
    assert second.hit_rate is None
