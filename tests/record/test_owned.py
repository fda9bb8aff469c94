"""What the owner ranking learns from: approvals only, the newest of each ticket, and nothing that was erased."""

from __future__ import annotations

from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import steps
from bot.service.owned import RecordOwnedTickets
from graphs.answers import Screened
from graphs.model import Decision, InstallId, ProposalId, TicketRef, TriageId
from graphs.state import Step
from tests.builders import NOW, a_clean_ticket, a_proposal, a_ref, a_rejection, a_ticket, an_approval, an_owner
from tests.record.seeds import started

MAIN = InstallId("main")


async def decided(
    record: Record, number: int, decision: Decision | None, ref: TicketRef | None = None, owner: str | None = "ml-lead"
) -> str:
    """A ticket that was read, proposed for `owner` and decided; returns the proposal's id."""
    ref = ref or a_ref(number)
    triage, proposal = TriageId(f"triage-{number}"), ProposalId(f"proposal-{number}")
    chosen = an_owner(owner) if owner else None
    made = a_proposal(proposal, triage, target=ref).model_copy(update={"owner": chosen})
    screened = Screened(ticket=a_clean_ticket(a_ticket(ref, author="customer-one")), closed=False, opened_at=NOW)
    await started(record, triage, ref)
    async with record.begin() as tx:
        await tx.triages.keep(triage, Step.SCREEN, screened.model_dump_json())
        await tx.proposals.add(made)
        if decision:
            assert await tx.proposals.decide(made, decision)
    return proposal


async def test_only_approvals_of_the_installation_count(record: Record) -> None:
    await decided(record, 1, an_approval())
    await decided(record, 2, a_rejection())
    await decided(record, 3, None)
    await decided(record, 4, an_approval(), a_ref(4, install="other"))
    await decided(record, 5, an_approval(), owner=None)
    source = RecordOwnedTickets(record)
    keys = await source.keys(MAIN, 10)
    assert {key.partition(":")[0] for key in keys} == {"proposal-1", "proposal-5"}
    [past] = await source.read(keys)
    assert past.owners == ("ml-lead",)
    assert (past.ticket.name, past.ticket.project, past.ticket.author) == (
        "acme/assistant#1",
        "acme/assistant",
        "customer-one",
    )
    assert past.ticket.key in keys
    assert past.ticket.at > NOW, "the moment of the decision, by the record's clock"


async def test_an_installation_whose_name_begins_alike_is_another_one(record: Record) -> None:
    await decided(record, 1, an_approval(), a_ref(1, install="main2"))
    assert await RecordOwnedTickets(record).keys(MAIN, 10) == []


async def test_the_newest_come_first_up_to_the_limit(record: Record) -> None:
    for number in range(1, 6):
        await decided(record, number, an_approval())
    source = RecordOwnedTickets(record)
    assert len(await source.keys(MAIN, 3)) == 3
    assert len(await source.keys(MAIN, 100)) == 5


async def test_a_text_that_was_changed_has_another_key(record: Record) -> None:
    """So an erasure reaches whoever holds the old text."""
    await decided(record, 1, an_approval())
    source = RecordOwnedTickets(record)
    [before] = await source.keys(MAIN, 10)
    blank = a_clean_ticket(a_ticket(a_ref(1), title="", body="", author="erased"))
    erased = Screened(ticket=blank, closed=False, opened_at=NOW).model_dump_json()
    async with record.begin() as tx:
        await tx.triages._db.execute(update(steps).values(answer=erased))
    [after] = await source.keys(MAIN, 10)
    assert after != before
    [past] = await source.read([after])
    assert past.ticket.title == ""


async def test_an_answer_that_cannot_be_read_teaches_nothing(record: Record) -> None:
    await decided(record, 1, an_approval())
    async with record.begin() as tx:
        await tx.triages._db.execute(update(steps).values(answer="{}"))
    source = RecordOwnedTickets(record)
    assert await source.read(await source.keys(MAIN, 10)) == []
