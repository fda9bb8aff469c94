"""The Home tab: a person's own queue, in few lines, and nothing for whoever may not look."""

from __future__ import annotations

from bot.service.home import HomeTab
from bot.slack.blocks.as_text import as_text, height
from bot.slack.lint import Surface, lint_blocks
from bot.slack.payloads import Person
from graphs.model import SlackUserId
from tests.builders import ON_DUTY, TEAM, a_ref, a_ticket, an_actor
from tests.service.house import House
from tests.service.test_commands import typed

OWNER = SlackUserId("U03DATALEAD")


async def opened(house: House, user: SlackUserId, team: str = TEAM) -> str:
    await house.front.draw_home(Person(user=user, team=team))
    job = await house.claim("draw_home")
    assert job
    await HomeTab(house.desk, house.people, house.room).draw(job)
    shown, view = house.desk.published[-1]
    assert shown == user
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    assert lint_blocks(blocks, Surface.HOME) == []
    assert height(blocks) <= 40
    return as_text(blocks)


async def test_everything_a_person_needs_is_there(house: House) -> None:
    for number in range(10):
        await house.propose(a_ticket(a_ref(number + 1), title=f"ticket {number}"), triage=f"{number:032x}")
    await typed(house, "reject acme/assistant#1 not now", by=OWNER)
    await typed(house, "snooze acme/assistant#2 3h", by=OWNER)
    text = await opened(house, OWNER)
    for words in (
        "Running.",
        "Yours, the next deadline first (8)",
        "Nothing else waits in your layers.",
        "1 rejected",
        "1 put off",
        "Decided in 7 days",
        "You  here.",
    ):
        assert words in text, words
    assert text.count("acme/assistant#") == 8


async def test_it_says_when_triage_is_paused_and_when_you_are_away(house: House) -> None:
    await typed(house, "pause")
    await typed(house, "away 3d", by=OWNER)
    house.paused = True
    text = await opened(house, OWNER)
    assert f"Paused (human:{ON_DUTY})" in text
    assert "away from" in text


async def test_whoever_may_not_look_sees_why_and_no_ticket(house: House) -> None:
    await house.propose()
    house.desk.directory[OWNER] = an_actor(OWNER, is_guest=True)
    assert "guests cannot" in await opened(house, OWNER)
    text = await opened(house, SlackUserId("U0ELSE001"), team="T0ELSEWHERE")
    assert "another workspace" in text
    assert "acme/assistant" not in text
