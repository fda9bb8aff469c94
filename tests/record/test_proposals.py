"""A proposal never changes; of any number of clicks on it, exactly one decides."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.record.record import Record
from bot.record.tables import decisions, outbox, proposals
from graphs.model import (
    AddLabel,
    Decision,
    Edited,
    Expired,
    Millis,
    Proposal,
    ProposalId,
    RejectReason,
    SlackUserId,
    TriageId,
    Withdrawn,
)
from tests.builders import ML_LEAD, NOW, a_proposal, a_ref, a_rejection, an_approval
from tests.record.seeds import proposed, rows, started, together

DECISIONS: dict[str, Decision] = {
    "approved": an_approval(),
    "edited": Edited(by=ML_LEAD, at=NOW, proposal=ProposalId("proposal-2")),
    "rejected": a_rejection(reason=RejectReason.OTHER),
    "expired": Expired(at=NOW),
    "withdrawn": Withdrawn(at=NOW, why="the ticket was closed"),
}


async def _decide(record: Record, proposal: Proposal, decision: Decision) -> bool:
    async with record.begin() as transaction:
        return await transaction.proposals.decide(proposal, decision)


async def test_a_proposal_comes_back_as_it_was(record: Record) -> None:
    proposal = await proposed(record)
    async with record.read() as transaction:
        assert await transaction.proposals.get(proposal.id) == proposal
        assert await transaction.proposals.get(ProposalId("another")) is None
    [row] = await rows(record, select(proposals))
    assert (row.digest, row.ticket_key, row.triage_id) == (proposal.digest, proposal.target.key, proposal.triage)


async def test_a_stored_proposal_never_changes(record: Record) -> None:
    proposal = await proposed(record)
    forged = a_proposal(proposal.id, proposal.triage, target=proposal.target, operations=(AddLabel(label="other"),))
    assert forged.digest != proposal.digest
    async with record.begin() as transaction:
        assert not await transaction.proposals.add(forged)
        assert not await transaction.proposals.add(proposal)
    async with record.read() as transaction:
        assert await transaction.proposals.get(proposal.id) == proposal


async def test_a_new_proposal_says_that_it_was_stored(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        assert await transaction.proposals.add(a_proposal("new", triage))


async def test_a_proposal_needs_its_triage(record: Record) -> None:
    with pytest.raises(IntegrityError):
        async with record.begin() as transaction:
            await transaction.proposals.add(a_proposal("orphan", "no-such-triage"))


async def test_every_decision_comes_back_as_it_was(record: Record) -> None:
    for number, (status, decision) in enumerate(DECISIONS.items()):
        proposal = await proposed(record, number)
        async with record.read() as transaction:
            assert await transaction.proposals.decision(proposal.id) is None
            assert await transaction.proposals.decided_digest(proposal.id) == ""
        assert await _decide(record, proposal, decision)
        async with record.read() as transaction:
            assert await transaction.proposals.decision(proposal.id) == decision
            assert await transaction.proposals.decided_digest(proposal.id) == proposal.digest
        [row] = await rows(record, select(decisions).where(decisions.c.proposal_id == proposal.id))
        assert (row.status, row.digest) == (status, proposal.digest)


async def test_the_first_decision_stands(record: Record) -> None:
    for number, (first, second) in enumerate(product(DECISIONS.values(), DECISIONS.values())):
        proposal = await proposed(record, number)
        assert await _decide(record, proposal, first)
        assert not await _decide(record, proposal, second)
        async with record.read() as transaction:
            assert await transaction.proposals.decision(proposal.id) == first


async def test_the_decision_keeps_the_digest_that_was_decided(record: Record) -> None:
    """What the person saw, even where the stored proposal says something else."""
    proposal = await proposed(record)
    forged = a_proposal(proposal.id, proposal.triage, target=proposal.target, operations=(AddLabel(label="other"),))
    assert await _decide(record, forged, an_approval())
    async with record.read() as transaction:
        assert await transaction.proposals.decided_digest(proposal.id) == forged.digest != proposal.digest


async def test_eight_deciders_on_each_of_fifty_proposals_make_fifty_winners(record: Record, rival: Record) -> None:
    all_of_them = [await proposed(record, number) for number in range(50)]

    async def click(through: Record, proposal: Proposal, who: str) -> tuple[str, str] | None:
        async with through.begin() as transaction:
            if not await transaction.proposals.decide(proposal, an_approval(who)):
                return None
            await transaction.outbox.add(proposal)
            await transaction.audit.append(f"human:{who}", "approved", proposal.id)
        return proposal.id, who

    clicks = [
        click(through, proposal, f"U{n}") for proposal in all_of_them for n, through in enumerate((record, rival) * 4)
    ]
    winners = [one for one in await together(clicks) if one is not None]
    assert Counter(proposal for proposal, _ in winners) == {one.id: 1 for one in all_of_them}
    async with record.read() as transaction:
        for proposal, who in winners:
            assert await transaction.proposals.decision(ProposalId(proposal)) == an_approval(who)
        assert await transaction.audit.verify() == 50
    assert len(await rows(record, select(outbox.c.id))) == 150


async def test_what_does_not_exist_cannot_be_decided(record: Record) -> None:
    with pytest.raises(IntegrityError):
        await _decide(record, a_proposal("never stored"), an_approval())


async def test_the_latest_proposal_is_the_last_edit(record: Record) -> None:
    first = await proposed(record)
    async with record.read() as transaction:
        assert await transaction.proposals.latest(first.triage) == first
        assert await transaction.proposals.latest(TriageId("another")) is None
    # The ids and times must not matter: the chain of replacements does.
    edits = [("zzz", first.id, NOW), ("aaa", "zzz", NOW - 1), ("mmm", "aaa", NOW)]
    for name, replaces, at in edits:
        edit = a_proposal(
            name, first.triage, target=a_ref(1), edited_by=SlackUserId("U1"), replaces=replaces, created_at=at
        )
        async with record.begin() as transaction:
            await transaction.proposals.add(edit)
            assert await transaction.proposals.latest(first.triage) == edit


async def test_a_proposal_made_anew_is_the_latest(record: Record) -> None:
    """After drift a triage may propose again without replacing: the younger one counts, whatever its id."""
    first = await proposed(record)
    for name, age in (("aaa", 3), ("zzz", 2), ("bbb", 1)):
        again = a_proposal(name, first.triage, target=a_ref(1), created_at=Millis(NOW + 10 - age))
        async with record.begin() as transaction:
            await transaction.proposals.add(again)
            assert await transaction.proposals.latest(first.triage) == again


async def test_edits_of_other_triages_do_not_count(record: Record) -> None:
    one, two = await proposed(record, 1), await proposed(record, 2)
    edit = a_proposal("edit", two.triage, target=a_ref(2), replaces=two.id)
    async with record.begin() as transaction:
        await transaction.proposals.add(edit)
        assert await transaction.proposals.latest(one.triage) == one
        assert await transaction.proposals.latest(two.triage) == edit
