"""`/triage`: what a person gets back for what they typed, and who is allowed to ask."""

from __future__ import annotations

import json

import pytest

from bot.record.inbox import Delivery, Outcome
from bot.slack.errors import PostUnknown, SlackRefused
from bot.tasks import AnswerCommand, TriageTicket
from graphs.errors import RateLimited
from graphs.model import SlackUserId
from tests.builders import ON_DUTY, TEAM, a_ref, a_ticket, an_actor
from tests.service.house import CHANNEL, House

URL = "https://hooks.slack.test/commands/1"


async def typed(house: House, text: str, *, team: str = TEAM, url: str | None = URL, by: SlackUserId = ON_DUTY) -> str:
    """Everything this person was told."""
    body = {
        "command": "/triage",
        "text": text,
        "user_id": by,
        "team_id": team,
        "channel_id": CHANNEL,
        "trigger_id": f"1.2.{text}",
        "response_url": url,
    }
    whole, name = json.dumps(body).encode(), f"command:{by}:{text}"
    delivery = Delivery(provider="slack", install=TEAM, delivery_id=name, name="command", body=whole)
    async with house.record.begin() as tx:
        _, row = await tx.inbox.store(delivery, Outcome.ACCEPTED, "")
        await tx.jobs.add(AnswerCommand(delivery=row))
    job = await house.claim("answer_command")
    assert job is not None
    before = len(house.desk.answered)
    await house.commands.answer(job)
    return "\n".join(text for _, text in house.desk.answered[before:])


async def test_help(house: House) -> None:
    for text in ("", "help", "HELP"):
        assert "/triage list" in await typed(house, text)
    assert house.desk.asked_about == []


async def test_a_ticket_is_queued_and_the_asker_remembered(house: House) -> None:
    assert await typed(house, "acme/assistant#12") == ""
    (task,) = await house.waiting("triage_ticket")
    assert isinstance(task, TriageTicket)
    assert task.ref == a_ref(12)
    assert task.asker is not None
    assert (task.asker.user, task.asker.response_url) == (ON_DUTY, URL)


async def test_a_link_is_as_good_as_a_key(house: House) -> None:
    await typed(house, "https://github.com/acme/assistant/issues/12")
    assert [one.ref for one in await house.waiting("triage_ticket") if isinstance(one, TriageTicket)] == [a_ref(12)]


@pytest.mark.parametrize("text", ["lst", "LISTE", "halp"])
async def test_an_unknown_word_gets_a_hint(house: House, text: str) -> None:
    assert "Did you mean" in await typed(house, text)


async def test_a_word_that_is_like_nothing(house: House) -> None:
    assert "/triage help" in await typed(house, "pineapple")


@pytest.mark.parametrize("text", ["evil/place#1", "https://gitlab.com/a/b/-/issues/1", "acme/assistant", "a b c"])
async def test_a_ticket_we_do_not_know(house: House, text: str) -> None:
    assert "is no ticket I can read" in await typed(house, text)
    assert await house.waiting("triage_ticket") == []


async def test_what_was_typed_is_escaped(house: House) -> None:
    told = await typed(house, "<!channel> & <@U1>#1")
    assert "<!channel>" not in told
    assert "<@U1>" not in told


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ({"is_guest": True}, "guests cannot decide"),
        ({"is_bot": True}, "a bot cannot decide"),
        ({"is_deactivated": True}, "deactivated"),
        ({"is_stranger": True}, "another workspace"),
        ({"is_known": False}, "could not tell who this is"),
    ],
)
@pytest.mark.parametrize("text", ["acme/assistant#12", "list", "nonsense"])
async def test_who_may_not_ask(house: House, who: dict[str, bool], why: str, text: str) -> None:
    house.desk.directory[ON_DUTY] = an_actor(ON_DUTY).model_copy(update=who)
    told = await typed(house, text)
    assert why in told
    assert "<@U02MLLEAD>" in told
    assert await house.waiting("triage_ticket") == []


async def test_somebody_from_another_workspace_may_not_ask(house: House) -> None:
    assert "another workspace" in await typed(house, "acme/assistant#12", team="T0ELSEWHERE")


async def test_nobody_starts_a_triage_while_paused(house: House) -> None:
    house.paused = True
    assert "triage is paused" in await typed(house, "acme/assistant#12")
    assert await house.waiting("triage_ticket") == []


async def test_the_list_of_what_waits(house: House) -> None:
    assert "Nothing waits for a decision." in await typed(house, "list")
    for number in range(12):
        await house.propose(a_ticket(a_ref(number + 1), title=f"ticket {number}"), triage=f"{number:032x}")
    assert "12 waiting for a decision" in await typed(house, "LIST")


# --- answers that do not arrive -----------------------------------------------------------------------------------


async def test_without_a_response_address_the_answer_is_a_whisper(house: House) -> None:
    await typed(house, "pineapple", url=None)
    ((channel, user, _text),) = house.desk.whispered
    assert (channel, user) == (CHANNEL, ON_DUTY)


@pytest.mark.parametrize("error", [SlackRefused("expired"), PostUnknown("lost"), RateLimited("later", 1.0)])
async def test_an_answer_that_cannot_be_given_costs_nothing_else(house: House, error: Exception) -> None:
    house.desk.broken["respond"] = error
    await typed(house, "pineapple")
    await typed(house, "acme/assistant#12")
    assert len(await house.waiting("triage_ticket")) == 1


async def test_somebody_the_directory_refuses_to_tell_is_unknown(house: House) -> None:
    house.desk.broken["person"] = SlackRefused("missing_scope")
    assert "could not tell who this is" in await typed(house, "acme/assistant#12")


async def test_a_directory_that_cannot_be_reached_is_asked_again_later(house: House) -> None:
    house.desk.broken["person"] = PostUnknown("lost")
    with pytest.raises(PostUnknown):
        await typed(house, "acme/assistant#12")


async def test_where_the_response_address_has_ended_the_answer_is_a_whisper(house: House) -> None:
    house.desk.broken["respond"] = SlackRefused("the response address answered 404")
    await typed(house, "pineapple")
    ((channel, user, _text),) = house.desk.whispered
    assert (channel, user) == (CHANNEL, ON_DUTY)
