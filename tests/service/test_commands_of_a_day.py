"""What a triager types in a day: the queue, decisions, time off, the off switch. Each through the real gate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.record.tables import jobs, snoozes
from bot.service.deciding import Instead
from bot.service.when import day_named, days_named, snoozed_until
from bot.tasks import ExecuteProposal
from bot.work.worker import TryAgain
from graphs.calendar import Calendar
from graphs.model import Approved, Expired, LayerId, Millis, Rejected, RejectReason, SlackUserId
from policies.shapes import Clock
from tests.builders import ON_DUTY, a_ref, a_ticket, an_actor
from tests.service.house import CALENDAR, CHANNEL, OWNERS, House
from tests.service.test_commands import typed
from tests.service.test_triaging import FakeRunner, Place

TICKET = "acme/assistant#12"
HOUR = 3_600_000
LEAD = SlackUserId("U03DATALEAD")
LISBON = Calendar(
    Clock.model_validate({"offices": [{"id": "main", "zone": "Europe/Lisbon", "country": "PT", "people": [ON_DUTY]}]})
)
FRIDAY_EVENING = Millis(1_798_826_400_000)
"""2027-01-01 18:00 UTC, a Friday and a holiday."""


# --- the queue ----------------------------------------------------------------------------------------------------


async def test_next_is_the_card_itself_with_its_buttons_mine_first(house: House) -> None:
    await house.propose(a_ticket(a_ref(1), title="somebody else's"), triage="1" * 32)
    mine = await house.propose(a_ticket(a_ref(2), title="this one is mine"), triage="2" * 32)
    async with house.record.begin() as tx:
        assert mine.owner
        assert mine.owner.slack_user == LEAD
        first = await tx.proposals.latest(mine.triage)
    assert first == mine
    told = await typed(house, "next")
    assert "Next for anybody" in told
    assert "acme/assistant#1" in told
    (blocks,) = [one for one in house.desk.shown if "Next" in repr(one.blocks[0])]
    assert "'approve'" in repr(blocks.blocks)
    assert blocks.metadata is None, "nobody may find it in a channel and take it for the card"


@pytest.mark.parametrize("text", ["next", "list", "stats", "explain acme/assistant#12", "owners retrieval", "away 2d"])
async def test_whoever_may_not_ask_is_told_nothing(house: House, text: str) -> None:
    await house.propose()
    house.desk.directory[ON_DUTY] = an_actor(ON_DUTY, is_guest=True)
    assert "guests cannot" in await typed(house, text)


async def test_looking_works_while_paused_and_deciding_does_not(house: House) -> None:
    await house.propose()
    house.paused = True
    assert "1 waiting" in await typed(house, "list")
    assert "Next" in await typed(house, "next")
    assert "Why" in await typed(house, f"explain {TICKET}")
    assert "triage is paused" in await typed(house, f"approve {TICKET}")
    assert "Rejected" in await typed(house, f"reject {TICKET} duplicate of 7")


async def test_lists_of_mine_of_a_layer_and_of_what_is_late(house: House) -> None:
    await house.propose()
    assert "Nothing waits" in await typed(house, "list mine")
    assert "1 waiting" in await typed(house, "list retrieval")
    assert "Nothing waits" in await typed(house, "list model and evaluation")
    assert "Nothing waits" in await typed(house, "list overdue")
    assert "I can list" in await typed(house, "list pineapple")


async def test_owners_of_a_layer_and_a_component_with_who_is_away(house: House) -> None:
    assert "Data team" in await typed(house, "owners retrieval")
    assert "component" in await typed(house, "owners pgvector")
    assert "Nobody owns" in await typed(house, "owners pineapple")
    await typed(house, "away 3d", by=LEAD)
    assert "away" in await typed(house, "owners  retrieval")


async def test_explain_says_what_why_says(house: House) -> None:
    assert "nothing for" in await typed(house, f"explain {TICKET}")
    await house.propose()
    await typed(house, f"explain  {TICKET}")
    assert "What the engine cannot know" in repr(house.desk.shown[-1].blocks)


# --- deciding -----------------------------------------------------------------------------------------------------


async def test_approve_does_what_the_button_does_and_lists_all_of_it(house: House) -> None:
    proposal = await house.propose()
    told = await typed(house, f"approve {TICKET}")
    assert "layer: retrieval and context" in told
    assert await house.waiting("execute_proposal") == [ExecuteProposal(proposal=proposal.id)]
    async with house.record.read() as tx:
        assert isinstance(await tx.proposals.decision(proposal.id), Approved)
    assert "no card that waits" in await typed(house, f"approve  {TICKET}")


async def test_reject_keeps_the_reason_and_writes_nothing(house: House) -> None:
    proposal = await house.propose()
    assert "wrong layer" in await typed(house, f"reject {TICKET} wrong layer, it is the model")
    async with house.record.read() as tx:
        decision = await tx.proposals.decision(proposal.id)
    assert isinstance(decision, Rejected)
    assert (decision.reason, decision.note) == (RejectReason.WRONG_LAYER, "it is the model")
    assert await house.waiting("execute_proposal") == []


@pytest.mark.parametrize("verb", ["approve", "reject", "snooze", "explain"])
async def test_a_command_that_needs_a_ticket_says_so(house: House, verb: str) -> None:
    assert "Say which ticket" in await typed(house, verb)
    assert "no ticket I can read" in await typed(house, f"{verb} evil/place#1")


# --- putting off --------------------------------------------------------------------------------------------------


async def test_what_is_put_off_leaves_the_queue_and_comes_back_with_its_time(house: House) -> None:
    proposal = await house.propose()
    assert "comes back" in await typed(house, f"snooze {TICKET} 3h")
    assert "1 put off until later" in await typed(house, "list")
    async with house.record.read() as tx:
        due = await tx.snoozes.due(proposal)
    assert abs(due - proposal.expires_at - 3 * HOUR) < HOUR / 60
    await house.later(snoozes.c.until, 3 * HOUR)
    assert "1 waiting" in await typed(house, " list")
    assert [one.kind for one in await house.waiting("wake_card")] == ["wake_card"]


async def test_a_card_that_was_put_off_does_not_expire_before_its_time(house: House) -> None:
    proposal = await house.propose()
    await typed(house, f"snooze {TICKET} 2d")
    await house.later(jobs.c.run_at, 3 * 24 * HOUR)
    job = await house.claim("expire_proposal")
    assert job is not None
    expire = Place(house, FakeRunner(house.record)).triaging.expire
    with pytest.raises(TryAgain) as waits:
        await expire(job)
    assert waits.value.after_s > 2 * 86_400
    await house.later(snoozes.c.due_at, 4 * 24 * HOUR)
    await expire(job)
    async with house.record.read() as tx:
        assert isinstance(await tx.proposals.decision(proposal.id), Expired)


@pytest.mark.parametrize("said", ["pineapple", "31d", "0h", "2020-01-01"])
async def test_a_time_that_cannot_be_is_asked_for_again(house: House, said: str) -> None:
    await house.propose()
    assert "as a time" in await typed(house, f"snooze {TICKET} {said}")
    assert await house.waiting("wake_card") == []


def test_times_are_those_of_the_office() -> None:
    for said in ("", "tomorrow", "saturday", "monday", "1d"):
        until = snoozed_until(said, FRIDAY_EVENING, ON_DUTY, LISBON)
        assert until == FRIDAY_EVENING + (2 * 24 + 15) * HOUR, said  # Monday 09:00
    assert snoozed_until("3h", FRIDAY_EVENING, ON_DUTY, LISBON) == FRIDAY_EVENING + 3 * HOUR
    assert snoozed_until("", FRIDAY_EVENING, ON_DUTY, CALENDAR) == FRIDAY_EVENING + 15 * HOUR, "no office: 09:00 UTC"


def test_days_that_people_type() -> None:
    today = LISBON.today(FRIDAY_EVENING, ON_DUTY)
    day = timedelta(days=1)
    assert day_named("friday", today) == today + 7 * day
    assert day_named("mon", today) == today + 3 * day
    assert days_named("3d", today) == (today, today + 2 * day)
    assert days_named("until monday", today) == (today, today + 3 * day)
    assert days_named("2027-01-04 to 2027-01-08", today) == (today + 3 * day, today + 7 * day)
    assert days_named("2027-01-04 2027-01-08", today) == (today + 3 * day, today + 7 * day)
    for wrong in ("", "2027-01-08 to 2027-01-04", "2020-01-01", "0d", "monday tuesday friday", "pineapple"):
        assert days_named(wrong, today) is None, wrong


# --- time off and the off switch ----------------------------------------------------------------------------------


async def test_away_and_back_are_kept_and_audited(house: House) -> None:
    assert "no new tickets" in await typed(house, "away 3d")
    async with house.record.read() as tx:
        assert await tx.absences.of(ON_DUTY)
    assert "Welcome back" in await typed(house, "back")
    assert "not away" in await typed(house, " back")
    assert "do not understand" in await typed(house, "away pineapple")
    async with house.record.read() as tx:
        assert await tx.absences.of(ON_DUTY) is None


async def test_everything_is_paused_for_all_processes_and_resumed(house: House) -> None:
    assert "Paused everywhere" in await typed(house, "pause")
    assert "already" in await typed(house, "pause all")
    async with house.record.read() as tx:
        found = await tx.switches.get("all")
    assert found
    assert (found.on, found.by) == (True, f"human:{ON_DUTY}")
    assert "Resumed" in await typed(house, "resume")
    assert house.announced == 3
    assert "not “pineapple”" in await typed(house, "pause pineapple")


async def test_a_paused_channel_gets_no_new_cards_until_it_is_resumed(house: House) -> None:
    await house.propose()
    assert "Paused here" in await typed(house, "pause channel")
    job = await house.claim("post_card")
    assert job is not None
    with pytest.raises(TryAgain):
        await house.cards.post(job)
    assert house.desk.posted == []
    await typed(house, "resume channel")
    await house.cards.post(job)
    assert [channel for channel, _ in house.desk.posted] == [CHANNEL]


async def test_only_whoever_may_approve_turns_the_switch(house: House) -> None:
    house.desk.directory[ON_DUTY] = an_actor(ON_DUTY, is_stranger=True)
    assert "another workspace" in await typed(house, "pause")
    async with house.record.read() as tx:
        assert await tx.switches.get("all") is None


async def test_stats_count_a_decision_once(house: House) -> None:
    await house.propose()
    await typed(house, f"approve {TICKET}")
    told = await typed(house, "stats")
    assert "*Approved as proposed*  1 (100 %)" in told
    assert "*Waiting*  0" in told
    edited = await house.propose(a_ticket(a_ref(13)), triage="2" * 32, rather=(LayerId("model_and_evaluation"),))
    async with house.record.begin() as tx:
        assert await house.verbs.deciding.decide(tx, an_actor(), edited, Instead(0)) is None
    told = await typed(house, " stats")
    assert "*Decided in 7 days*  2" in told, "an edit and the approval of what it became are one decision"
    assert "*Approved as proposed*  1 (50 %)" in told


def test_layers_are_found_by_a_part_of_their_name() -> None:
    assert OWNERS.layers_named("retrieval") == (LayerId("retrieval_and_context"),)
    assert len(OWNERS.layers_named("and")) == 4
    assert OWNERS.layers_named("") == () or len(OWNERS.layers_named("")) == 5
