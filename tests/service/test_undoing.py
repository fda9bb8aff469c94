"""Undo by button and by command: who may, what it starts, and what the card says."""

from __future__ import annotations

from bot.record.record import Record
from bot.service.undoing import begin
from bot.slack.blocks.view import Applied, Outcome, TakenBack, TakingBack
from bot.tasks import ExecuteProposal
from graphs.model import AddLabel, OutboxState, Proposal, SlackUserId, TriageState
from tests.builders import ON_DUTY, an_actor
from tests.service.house import House
from tests.service.test_commands import typed as commanded
from tests.service.test_verdicts import click, taken

GUEST = "U09GUEST"


async def settle(house: House, proposal: Proposal) -> None:
    """What the executor does with an approved proposal or an undo, without a tracker."""
    async with house.record.begin() as tx:
        job = await tx.jobs.claim(["execute_proposal"], "tests", 60_000)
        assert job is not None
        for row in await tx.outbox.of(proposal.id):
            await tx.outbox.move(row, OutboxState.DONE, job.fence, "applied")
            if not isinstance(row.operation, AddLabel) and not proposal.undoes:
                continue
            if proposal.undoes and hasattr(row.operation, "label"):
                await tx.outbox.taken_back(proposal.undoes, "label", row.operation.label)
            elif isinstance(row.operation, AddLabel):
                await tx.outbox.record_effect(row, proposal.target.key, "label", row.operation.label)
        if not proposal.undoes:
            await tx.triages.move(proposal.triage, TriageState.APPLYING, TriageState.CLOSED, "written")
        await tx.jobs.finish(job)


async def written(record: Record) -> tuple[House, Proposal]:
    house = House(record)
    proposal = await house.propose()
    assert await taken(house, click(proposal)) == ""
    await settle(house, proposal)
    return house, proposal


async def undo_of(house: House, proposal: Proposal) -> Proposal | None:
    async with house.record.read() as tx:
        undos = await tx.proposals.undos(proposal.id)
    return undos[-1] if undos else None


async def test_a_press_starts_it_and_the_card_tells_how_it_goes(record: Record) -> None:
    house, proposal = await written(record)
    async with record.read() as tx:
        view = await house.cards.view(tx, proposal.triage)
    assert view is not None
    assert isinstance(view.state, Applied)
    assert [one.op for one in view.undoable] == ["remove_label"] * 2
    assert await taken(house, click(proposal, action="undo")) == ""
    undo = await undo_of(house, proposal)
    assert undo is not None
    assert await house.waiting("execute_proposal") == [ExecuteProposal(proposal=undo.id)]
    async with record.read() as tx:
        view = await house.cards.view(tx, proposal.triage)
    assert view is not None
    assert view.proposal.id == proposal.id, "the card stays that of the proposal"
    assert isinstance(view.state, TakingBack)
    assert view.undoable == (), "it is not offered twice"
    await settle(house, undo)
    async with record.read() as tx:
        view = await house.cards.view(tx, proposal.triage)
    assert view is not None
    assert isinstance(view.state, TakenBack)
    assert view.state.by == ON_DUTY
    assert {one.outcome for one in view.state.results} == {Outcome.DONE}


async def test_a_guest_may_not_and_it_is_audited(record: Record) -> None:
    house, proposal = await written(record)
    house.desk.directory[GUEST] = an_actor(GUEST).model_copy(update={"is_guest": True})
    told = await taken(house, click(proposal, action="undo", user=GUEST))
    assert "guests cannot decide" in told
    assert await undo_of(house, proposal) is None
    async with record.read() as tx:
        entries = await tx.audit.entries(proposal.target.key)
    assert entries[-1].action == "undo_refused"


async def test_while_paused_it_is_refused(record: Record) -> None:
    house, proposal = await written(record)
    house.paused = True
    assert "triage is paused" in await taken(house, click(proposal, action="undo"))
    assert await undo_of(house, proposal) is None


async def test_what_was_taken_back_teaches_nothing_any_more(record: Record) -> None:
    house, proposal = await written(record)
    async with record.read() as tx:
        assert await tx.lessons.about(proposal.target.key) == 1
    await taken(house, click(proposal, action="undo"))
    async with record.read() as tx:
        assert await tx.lessons.about(proposal.target.key) == 0
        entry = (await tx.audit.entries(proposal.target.key))[-2]
    assert (entry.actor, entry.action) == (f"human:{ON_DUTY}", "lessons_forgotten")


async def test_a_second_press_changes_nothing(record: Record) -> None:
    house, proposal = await written(record)
    assert await taken(house, click(proposal, action="undo")) == ""
    assert "nothing of mine left" in await taken(house, click(proposal, action="undo"))
    assert len(await house.waiting("execute_proposal")) == 1


async def test_a_card_that_waits_has_nothing_to_undo(record: Record) -> None:
    house = House(record)
    proposal = await house.propose()
    assert "nothing of mine left" in await taken(house, click(proposal, action="undo"))
    async with record.read() as tx:
        assert await tx.proposals.decision(proposal.id) is None


async def test_a_command_takes_back_the_newest_change_set(record: Record) -> None:
    house, proposal = await written(record)
    told = await commanded(house, "undo acme/assistant#12")
    assert "Taking back" in told
    assert await undo_of(house, proposal) is not None


async def test_a_command_without_a_ticket_asks_for_one(record: Record) -> None:
    house = House(record)
    assert "Say which ticket" in await commanded(house, "undo")
    assert "no ticket I can read" in await commanded(house, "undo something")


async def test_an_operators_undo_is_audited_as_an_operators(record: Record) -> None:
    _, proposal = await written(record)
    async with record.begin() as tx:
        assert await begin(tx, proposal, SlackUserId("operator:root"), "operator") is not None
    async with record.read() as tx:
        entry = (await tx.audit.entries(proposal.target.key))[-1]
    assert (entry.actor, entry.action) == ("operator", "undo_asked")
