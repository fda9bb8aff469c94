"""The page as a person without a script uses it: every act goes through its forms and reaches the bot signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.stories import prepared
from tests.demo.conftest import Playing
from tests.demo.screen import Node, Screen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("demo-page")]


async def filed(screen: Screen, name: str) -> int:
    """Files a prepared ticket with its button and waits for its card; the number."""
    await screen.look()
    before = len(screen.page.region("tickets").all("a"))
    await screen.press(name, within=screen.page.region("file"))
    number = int(screen.page.region("ticket").all("h3")[0].text.rpartition("#")[2])
    assert len(screen.page.region("tickets").all("a")) == before + 1
    await screen.until(lambda page: cards(page, number))
    screen.ticket = number
    await screen.look()
    return number


def cards(page: Node, number: int) -> list[Node]:
    def is_about(message: Node) -> bool:
        return any(f"ticket={number}#" in link.attributes["href"] for link in message.all("a"))

    return [one for one in page.all("article", class_="message") if is_about(one)]


def card(page: Node, number: int) -> Node:
    return cards(page, number)[-1]


async def form(screen: Screen, number: int, words: str) -> Node:
    """Presses until the form opens: a person the bot does not know yet is asked to press again."""
    for _ in range(20):
        await screen.press(words, within=card(screen.page, number))
        await screen.until(lambda page: page.all("form", class_="modal"))
        if screen.page.all("form", class_="modal")[0].all("select"):
            return screen.page.all("form", class_="modal")[0]
        await screen.press("Close", within=screen.page.region("overlay"))
        assert not screen.page.all("form", class_="modal")
    raise AssertionError(f"no form for {words}")


async def test_approve(playing: Playing) -> None:
    screen = playing.screen("on-duty")
    number = await filed(screen, "plain")
    await screen.press("Approve", within=card(screen.page, number))
    await screen.until(lambda page: "All of it is set" in card(page, number).text)
    ticket = screen.page.region("ticket").text
    assert "layer: retrieval and context" in ticket
    assert "data-lead" in ticket
    assert "Comments (1)" in ticket
    assert "through the API" in ticket
    assert "Approve" not in [one.text for one in card(screen.page, number).all("button")]


async def test_edit_and_reject_with_forms(playing: Playing) -> None:
    screen = playing.screen("product-lead")
    number = await filed(screen, "hard")
    modal = await form(screen, number, "Edit…")
    assert [one.text for one in modal.all("label")][:3] == ["Layer", "Kind", "Owner"]
    kind, owner = (modal.all("select")[at].attributes["name"] for at in (1, 2))
    await screen.press("Approve edit", within=modal, **{kind: "task", owner: "ops-lead"})
    await screen.until(lambda page: "All of it is set" in card(page, number).text)
    assert "kind: task" in screen.page.region("ticket").text

    number = await filed(screen, "duplicate")
    modal = await form(screen, number, "Reject…")
    reason, note = modal.all("select")[0].attributes["name"], modal.all("textarea")[0].attributes["name"]
    await screen.press("Reject", within=modal, **{note: "said <before>"})
    modal = screen.page.all("form", class_="modal")[0]
    error = modal.all("p", class_="error")[0]
    assert error.text == "Please complete this required field."
    assert error.attributes["id"] in modal.all("select")[0].attributes["aria-describedby"].split()
    assert modal.all("textarea")[0].text == "said <before>", "what was typed is still there"
    await screen.press("Reject", within=modal, **{reason: "duplicate", note: "said <before>"})
    await screen.until(lambda page: "Rejected" in card(page, number).text)
    assert "said <before>" in card(screen.page, number).text
    assert "Labelsnone" in screen.page.region("ticket").text


async def test_a_double_click_writes_once(playing: Playing) -> None:
    screen = playing.screen("on-duty")
    number = await filed(screen, "plain")
    button = next(one for one in card(screen.page, number).all("button") if one.text == "Approve")
    await asyncio.gather(screen.send(button), screen.send(button))
    await screen.until(lambda page: "All of it is set" in card(page, number).text)
    old = button
    await screen.send(old)
    await screen.until(lambda page: page.all("article", class_="whispered"))
    assert "Already decided" in screen.message("Only visible to you").text
    assert not playing.town.github.duplicate_writes()


@pytest.mark.parametrize("user", ["guest", "stranger"])
async def test_who_may_not_decide_is_told_so_alone(playing: Playing, user: str) -> None:
    insider = playing.screen("on-duty")
    number = await filed(insider, "plain")
    screen = playing.screen(user, number)
    await screen.look()
    await screen.press("Approve", within=card(screen.page, number))
    await screen.until(lambda page: page.all("article", class_="whispered"))
    assert "You may not decide this" in screen.message("Only visible to you").text
    assert "You may not decide this" not in (await insider.look()).text
    assert not playing.town.github.effects(playing.town.repository, number)
    await screen.press("Dismiss", within=screen.message("Only visible to you"))
    assert not screen.page.all("article", class_="whispered")


async def test_a_click_with_a_forged_signature_does_nothing(playing: Playing) -> None:
    screen = playing.screen("on-duty")
    number = await filed(screen, "plain")
    playing.town.slack.faults.forge_signature()
    await screen.press("Approve", within=card(screen.page, number))
    assert "Slack could not reach the app" in screen.page.region("notice").text
    assert not playing.town.github.effects(playing.town.repository, number)


async def test_commands_and_messages_share_the_line(playing: Playing) -> None:
    screen = playing.screen("ml-lead")
    line = (await screen.look()).region("channel")
    await screen.press("Send", within=line, text="/triage help")
    await screen.until(lambda page: page.all("article", class_="whispered"))
    assert "no decision in time means no" in screen.message("Only visible to you").text.lower()
    await screen.press("Send", within=line, text="/remind me")
    assert "/remind is not a valid command" in screen.page.region("notice").text
    await screen.press("Send", within=line, text="good *morning* <b>all</b>")
    assert "good morning <b>all</b>" in screen.message("good").text
    assert not screen.page.region("notice").text


async def test_a_person_may_act_in_the_tracker_and_a_guest_may_not(playing: Playing) -> None:
    screen = playing.screen("on-duty")
    await filed(screen, "plain")
    ticket = screen.page.region("ticket")
    await screen.press("Add", within=ticket, label="wontfix")
    await screen.press("Assign", within=screen.page.region("ticket"), assignee="app-lead")
    await screen.press("Comment", within=screen.page.region("ticket"), comment="<i>mine</i>")
    await screen.press("Close", within=screen.page.region("ticket"), comment="")
    shown = screen.page.region("ticket").text
    assert "closed, filed by" in shown
    assert "on-duty added the label wontfix by hand" in shown
    assert "on-duty assigned app-lead by hand" in shown
    assert "<i>mine</i>" in shown
    guest = playing.screen("guest", screen.ticket)
    assert "guest has no account in this tracker" in (await guest.look()).region("ticket").text


async def test_own_words_are_filed_and_refused_like_in_the_tracker(playing: Playing) -> None:
    screen = playing.screen("on-duty")
    await screen.look()
    await screen.press(
        "File it", within=screen.page.region("file"), title="Own words", body="a\r\nb", author="reporter-2"
    )
    ticket = screen.page.region("ticket")
    assert "Own words" in ticket.text
    assert "filed by reporter-2" in ticket.text
    assert ticket.all("pre")[0].text == "a\nb"
    await screen.press("File it", within=screen.page.region("file"), title="  ")
    assert "The tracker says" in screen.page.region("notice").text


async def test_an_old_screen_presses_nothing(playing: Playing) -> None:
    screen = playing.screen("on-duty")
    number = await filed(screen, "plain")
    form_ = card(screen.page, number).all("form")[0]
    sent = {"as": "data-lead", "ts": form_.all("input", name="ts")[0].attributes["value"], "edited": "", "press": "0"}
    answer = await playing.http.post("/press", data=sent, follow_redirects=True)
    assert "This is an old screen" in answer.text, "data-lead has never looked at this card"
    assert not playing.town.github.effects(playing.town.repository, number)


async def test_the_stream_tells_of_changes(playing: Playing) -> None:
    async with playing.http.stream("GET", "/changes") as stream:
        lines = stream.aiter_lines()
        await _told(lines)
        story = prepared()["secret"]
        await playing.town.github.file(playing.town.repository, story.author, story.title, story.body)
        await _told(lines)


async def _told(lines: AsyncIterator[str]) -> None:
    async with asyncio.timeout(30):
        async for line in lines:
            if line == "event: changed":
                return
