"""What a listener gets from the record alone: the form, or what the person is told instead."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bot.record.absences import Away
from bot.slack.blocks.message import Message
from bot.slack.front import Openable
from bot.slack.ids import Action
from bot.slack.payloads import Click, Command, EditForm, Person
from bot.tasks import AnswerCommand, LookUpPerson, TakeVerdict
from graphs.model import Kind, LayerId, OwnerId, Proposal, ProposalId, SlackUserId
from tests.builders import ON_DUTY, RETRIEVAL, TEAM, a_rejection, a_ticket, an_actor
from tests.service.house import CHANNEL, KEY, OWNERS, STRICT, House


def click(proposal: Proposal, action: Action = Action.EDIT, *, team: str = TEAM, value: str = "") -> Click:
    return Click(
        by=Person(user=ON_DUTY, team=team),
        workspace=TEAM,
        enterprise=None,
        channel=CHANNEL,
        message_ts="1.2",
        action_id=action,
        value=value or KEY.value_for(proposal.id),
        action_ts="3.4",
        trigger_id="5.6",
        response_url=None,
    )


async def opened(house: House, press: Click, *, deciding: bool = True) -> Openable | str:
    found = await house.front.openable(press, deciding=deciding)
    return found.text if isinstance(found, Message) else found


async def introduce(house: House, **traits: bool) -> None:
    """Slack's directory was asked about this person a moment ago."""
    house.desk.directory[ON_DUTY] = an_actor(ON_DUTY).model_copy(update=traits)
    await house.people.actor(ON_DUTY, stranger=False)


async def test_a_known_person_gets_the_form_with_every_owner(house: House) -> None:
    proposal = await house.propose()
    await introduce(house)
    found = await opened(house, click(proposal))
    assert isinstance(found, Openable)
    assert found.view.proposal == proposal
    assert {one.owner for one in found.owners} == {one.owner for one in OWNERS.choices(proposal.target.tracker)}


async def test_whoever_chooses_an_owner_is_told_who_is_away(house: House) -> None:
    proposal = await house.propose()
    await introduce(house)
    async with house.record.begin() as tx:
        away = Away(user=SlackUserId("U02MLLEAD"), first=date(2020, 1, 1), last=date(2999, 1, 1))
        await tx.absences.put(away)
    found = await opened(house, click(proposal))
    assert isinstance(found, Openable)
    words = {one.owner: one.words for one in found.owners}
    assert words["ml-lead"] == "ML team (away until 2999-01-01)"  # type: ignore[index]  # a plain id
    assert words["data-lead"] == "Data team"  # type: ignore[index]


async def test_an_unknown_person_is_asked_to_press_again_and_looked_up(house: House) -> None:
    proposal = await house.propose()
    told = await opened(house, click(proposal))
    assert isinstance(told, str)
    assert "press again" in told
    assert await house.waiting("look_up_person") == [LookUpPerson(user=ON_DUTY, team=TEAM, channel=CHANNEL)]
    assert house.desk.asked_about == [], "Slack is not asked while the trigger runs out"


@pytest.mark.parametrize("trait", ["is_guest", "is_bot", "is_deactivated", "is_stranger"])
async def test_who_may_not_decide_gets_no_form(house: House, trait: str) -> None:
    proposal = await house.propose()
    await introduce(house, **{trait: True})
    told = await opened(house, click(proposal))
    assert isinstance(told, str)
    assert "may not decide" in told


async def test_a_person_from_elsewhere_gets_no_form_even_if_known_as_a_member(house: House) -> None:
    proposal = await house.propose()
    await introduce(house)
    assert "another workspace" in str(await opened(house, click(proposal, team="T0ELSEWHERE")))


async def test_the_reporter_may_reject_and_not_edit(house: House) -> None:
    house.approvers = STRICT
    proposal = await house.propose(a_ticket(author="on-duty"))
    house.desk.directory["U01ONDUTY"] = an_actor("U01ONDUTY")
    await house.people.actor("U01ONDUTY", stranger=False)  # type: ignore[arg-type]  # a plain id
    mine = click(proposal).model_copy(update={"by": Person(user="U01ONDUTY", team=TEAM)})
    assert "filed the ticket" in str(await opened(house, mine))
    mine = mine.model_copy(update={"action_id": Action.REJECT})
    assert isinstance(await opened(house, mine), Openable)


async def test_why_is_open_to_everybody(house: House) -> None:
    proposal = await house.propose()
    assert isinstance(await opened(house, click(proposal, Action.WHY), deciding=False), Openable)
    assert await house.waiting("look_up_person") == []


async def test_a_decided_card_has_no_form(house: House) -> None:
    proposal = await house.propose()
    await introduce(house)
    async with house.record.begin() as tx:
        await tx.proposals.decide(proposal, a_rejection())
    assert "Already decided" in str(await opened(house, click(proposal)))
    assert isinstance(await opened(house, click(proposal, Action.WHY), deciding=False), Openable)


async def test_a_paused_bot_lets_people_reject_only(house: House) -> None:
    proposal = await house.propose()
    await introduce(house)
    house.paused = True
    assert "paused" in str(await opened(house, click(proposal)))
    assert isinstance(await opened(house, click(proposal, Action.REJECT)), Openable)


async def test_a_value_that_is_not_ours_opens_nothing(house: House) -> None:
    proposal = await house.propose()
    await introduce(house)
    for value in ("x", f"{proposal.id}.forged", KEY.value_for(ProposalId("b" * 32))):
        assert "do not know this card" in str(await opened(house, click(proposal, value=value)))


# --- keeping what came in -----------------------------------------------------------------------------------------


async def test_a_click_is_kept_once_with_its_work(house: House) -> None:
    for _ in range(3):
        await house.front.keep_verdict("click:1", {"a": 1})
    await house.front.keep_verdict("click:2", {"a": 1})
    assert await house.kept() == ["click:1", "click:2"]
    assert [type(one) for one in await house.waiting()] == [TakeVerdict, TakeVerdict]


async def test_fault_46_a_click_delivered_many_times_at_once_is_kept_once(house: House) -> None:
    await asyncio.gather(*(house.front.keep_verdict("click:1", {"a": 1}) for _ in range(10)))
    assert len(await house.waiting("take_verdict")) == 1


async def test_a_known_id_with_another_body_starts_no_work(house: House) -> None:
    await house.front.keep_verdict("click:1", {"a": 1})
    await house.front.keep_verdict("click:1", {"a": 2})
    assert len(await house.waiting("take_verdict")) == 1


async def test_a_command_is_kept_once_with_its_work(house: House) -> None:
    command = Command(
        by=Person(user=ON_DUTY, team=TEAM),
        workspace=TEAM,
        enterprise=None,
        channel=CHANNEL,
        command="/triage",
        text="list",
        trigger_id="1.2." + "x" * 290,
        response_url=None,
    )
    for _ in range(2):
        await house.front.keep_command(command, {"a": 1})
    assert [type(one) for one in await house.waiting()] == [AnswerCommand]


# --- what is wrong with a form ------------------------------------------------------------------------------------


def form(**changed: object) -> EditForm:
    chosen = {"layer": RETRIEVAL, "kind": Kind.BUG, "owner": OwnerId("data-lead"), "comment": "Thanks.", **changed}
    return EditForm.model_validate(chosen)


async def problem(house: House, proposal: Proposal, answers: EditForm, value: str = "") -> str | None:
    by = Person(user=ON_DUTY, team=TEAM)
    return await house.front.form_problem(value or KEY.value_for(proposal.id), by, answers)


async def test_a_form_with_sensible_answers_has_no_problem(house: House) -> None:
    proposal = await house.propose()
    assert await problem(house, proposal, form()) is None
    assert await problem(house, proposal, form(owner=None, comment="")) is None


async def test_a_form_with_unknown_answers_has_one(house: House) -> None:
    proposal = await house.propose()
    assert await problem(house, proposal, form(layer=LayerId("made_up")))
    assert await problem(house, proposal, form(owner=OwnerId("nobody-known")))


async def test_a_form_that_would_write_nothing_has_one(house: House) -> None:
    labels = ("layer: model and evaluation", "kind: bug")
    proposal = await house.propose(a_ticket(labels=labels))
    assert await problem(house, proposal, form(owner=None, comment="  "))
    assert await problem(house, proposal, form(owner=None, comment="x")) is None


async def test_a_form_of_an_unknown_card(house: House) -> None:
    proposal = await house.propose()
    assert "unknown" in str(await problem(house, proposal, form(), value="forged"))
