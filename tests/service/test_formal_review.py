"""A ticket with a risk needs two approvers: the second is another person, of those named for it."""

from __future__ import annotations

import pytest

from bot.service.deciding import Approve, Choice, Instead
from bot.slack.blocks.card import card
from bot.slack.blocks.message import Message
from bot.slack.payloads import EditForm, RejectForm
from graphs.approvers import Approvers
from graphs.model import Approved, Edited, Kind, LayerId, Proposal, RejectReason, Risk, SlackUserId, TriageState
from tests.builders import RETRIEVAL, an_actor
from tests.service.house import POLICIES, House
from tests.service.test_commands import typed

FIRST, SECOND, OTHER = (SlackUserId(one) for one in ("U0FIRST01", "U0SECOND1", "U0OTHER01"))
MODEL = LayerId("model_and_evaluation")


def formal(who: str = "members") -> Approvers:
    changed = {"second": (FIRST, SECOND), "who": who}
    return Approvers(POLICIES.model_copy(update={"approval": POLICIES.approval.model_copy(update=changed)}))


@pytest.fixture
def formal_house(house: House) -> House:
    house.approvers = formal()
    return house


async def risky(house: House) -> Proposal:
    return await house.propose(rather=(MODEL,), risks=(Risk.SECURITY,))


async def decide(house: House, proposal: Proposal, by: SlackUserId, choice: Choice | None = None) -> str:
    async with house.record.begin() as tx:
        reply = await house.verbs.deciding.decide(tx, an_actor(by), proposal, choice or Approve())
    return reply.text if isinstance(reply, Message) else ""


async def shown(house: House, proposal: Proposal) -> str:
    async with house.record.read() as tx:
        view = await house.cards.view(tx, proposal.triage, for_card=True)
    assert view
    return repr(card(view).blocks)


async def test_the_first_approval_writes_nothing_and_the_second_one_all(formal_house: House) -> None:
    house = formal_house
    proposal = await risky(house)
    assert "needs two approvers" in await shown(house, proposal)
    told = await decide(house, proposal, OTHER)
    assert "second person" in told
    assert f"<@{FIRST}>" in told
    async with house.record.read() as tx:
        assert await tx.proposals.decision(proposal.id) is None
        assert (await tx.triages.get(proposal.triage)).state is TriageState.AWAITING
    assert await house.waiting("execute_proposal") == []
    assert f"1 of 2: <@{OTHER}> approved" in await shown(house, proposal)
    assert await decide(house, proposal, SECOND) == ""
    async with house.record.read() as tx:
        decision = await tx.proposals.decision(proposal.id)
    assert isinstance(decision, Approved)
    assert decision.by == SECOND
    assert len(await house.waiting("execute_proposal")) == 1


@pytest.mark.parametrize("by", [FIRST, OTHER])
async def test_neither_the_same_person_nor_one_who_is_not_named_is_the_second(
    formal_house: House, by: SlackUserId
) -> None:
    proposal = await risky(formal_house)
    await decide(formal_house, proposal, FIRST)
    told = await decide(formal_house, proposal, by)
    assert "second approver" in told
    assert f"These people can: <@{SECOND}>." in told, "the refusal names who can, and not the first again"
    assert await formal_house.waiting("execute_proposal") == []


@pytest.mark.parametrize(
    "choice", [Instead(0), EditForm(layer=MODEL, kind=Kind.BUG, owner=None, comment="Thanks.", note="")]
)
async def test_an_edit_is_the_first_approval_of_what_it_became(formal_house: House, choice: Choice) -> None:
    house = formal_house
    proposal = await risky(house)
    assert "second person" in await decide(house, proposal, FIRST, choice)
    async with house.record.read() as tx:
        edited = await tx.proposals.latest(proposal.triage)
        assert isinstance(await tx.proposals.decision(proposal.id), Edited)
        assert edited
        assert await tx.proposals.decision(edited.id) is None
    assert await house.waiting("execute_proposal") == []
    assert "second approver" in await decide(house, edited, FIRST)
    assert await decide(house, edited, SECOND) == ""
    assert len(await house.waiting("execute_proposal")) == 1


async def test_anybody_may_say_no_and_a_ticket_without_a_risk_needs_one(formal_house: House) -> None:
    proposal = await risky(formal_house)
    await decide(formal_house, proposal, FIRST)
    assert await decide(formal_house, proposal, OTHER, RejectForm(reason=RejectReason.OTHER, note="")) == ""
    harmless = await formal_house.propose(triage="b" * 32)
    assert await decide(formal_house, harmless, OTHER) == ""
    assert len(await formal_house.waiting("execute_proposal")) == 1


async def test_a_typed_approval_is_one_of_two_as_well(formal_house: House) -> None:
    await risky(formal_house)
    assert "second person" in await typed(formal_house, "approve acme/assistant#12", by=FIRST)
    assert "second approver" in await typed(formal_house, " approve acme/assistant#12", by=FIRST)
    assert "Writing" in await typed(formal_house, "approve acme/assistant#12", by=SECOND)


async def test_owners_of_the_layer_decide_where_policy_says_so(house: House) -> None:
    house.approvers = formal("owners")
    proposal = await house.propose()
    assert proposal.layer == RETRIEVAL
    assert "only the people named" in await decide(house, proposal, SlackUserId("U04PRODLEAD"))
    assert await decide(house, proposal, SlackUserId("U02MLLEAD")) == ""
