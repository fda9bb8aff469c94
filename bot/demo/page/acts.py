"""What people do on the page, done through the local Slack and GitHub: the bot sees signed requests and nothing else.

Owns the way from a form to an act. What an act would not be allowed in the real client is told to that person.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from html import escape

from bot.demo.page.entered import Press, Sent, pressed, values_in
from bot.demo.page.frame import Desk
from bot.demo.page.memory import Asked, Half
from bot.demo.page.modal import question_of
from bot.demo.page.pulse import pulse
from bot.demo.page.reader import Reader
from bot.demo.town import CHANNEL
from bot.sandbox.github.answers import Refused
from bot.sandbox.slack.blockkit.elements import STATEFUL
from bot.sandbox.slack.forms import left_empty, state_of
from bot.sandbox.slack.message import Message, elements_in
from bot.sandbox.slack.narrow import as_object
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.refusal import PersonCannot
from bot.sandbox.slack.views import View

COMMAND = "/triage"
SETTLE_S = 1.0
"""How long a page without the script waits for the bot's answer to a click before it is drawn again."""
OLD = "This is an old screen: look again and press what is there now."
REQUIRED = "Please complete this required field."


class CannotDo(Exception):
    """The act is not possible; the text tells the person why."""


async def press(desk: Desk, reader: Reader, sent: Sent) -> None:
    """A button or choice of a message, in the state in which this person sees it."""
    message = desk.memory.shown(reader.user, sent.one("ts"), sent.one("edited"))
    desk.memory.asked.pop(reader.user, None)
    if message is None:
        raise CannotDo(OLD)
    if sent.one("dismiss"):
        _dismiss(desk, message)
        return
    if sent.one("sure") == "no":
        return
    found = pressed(sent, message.elements)
    if found is None:
        raise CannotDo(OLD)
    question = question_of(message, found.element.block_id, found.element.action_id)
    if question and sent.one("sure") != "yes":
        desk.memory.asked[reader.user] = Asked(message, sent.one("press"), found.value or "", question)
        return
    await _clicked(desk, reader, message, found)


async def _clicked(desk: Desk, reader: Reader, message: Message, found: Press) -> None:
    slack = desk.town.slack
    outcome = await _settled(
        desk, slack.click(reader.user, CHANNEL, message.ts, found.element.action_id, found.value, seen=message)
    )
    _must_be_acked(outcome)


def _dismiss(desk: Desk, message: Message) -> None:
    whispered = desk.town.slack.world.store.ephemerals.get(message.for_user or "", {})
    if message.ts in whispered:
        desk.town.slack.world.store.remove(message)


async def say(desk: Desk, reader: Reader, sent: Sent) -> None:
    """A slash command, or words for the channel."""
    text = sent.one("text").strip()
    if not text:
        return
    if not text.startswith("/"):
        desk.town.slack.say(reader.user, CHANNEL, escape(text, quote=False))  # as a real client sends it
        return
    command, _, rest = text.partition(" ")
    if command != COMMAND:
        raise CannotDo(f"{command} is not a valid command. This app has {COMMAND}.")
    _must_be_acked(await _settled(desk, desk.town.slack.slash(reader.user, CHANNEL, command, rest.strip())))


async def in_view(desk: Desk, reader: Reader, sent: Sent) -> None:
    """Submit, close, or press something in the top modal."""
    slack = desk.town.slack
    view = next((one for one in slack.open_views(reader.user) if one.id == sent.one("view")), None)
    if view is None:
        raise CannotDo("This form is not open any more.")
    if view.hash != sent.one("hash"):
        raise CannotDo("This form has changed meanwhile: look at it again.")
    if sent.one("do") == "close":
        await slack.close_view(reader.user, view.id)
        return
    elements = tuple(elements_in(view.blocks))
    values = values_in(sent, elements, STATEFUL)
    state = {block: as_object(one) for block, one in state_of(view.blocks, values).items()}
    desk.memory.keep(view, Half(state))
    if found := pressed(sent, elements):
        outcome = await _settled(desk, slack.click_in_view(reader.user, view.id, found.element.action_id, found.value))
        _must_be_acked(outcome)
        return
    if empty := list(left_empty(view.blocks, dict(state))):
        desk.memory.keep(view, Half(state, dict.fromkeys(empty, REQUIRED)))
        return
    _must_be_acked(await _submitted(desk, reader, view, sent))


async def _submitted(desk: Desk, reader: Reader, view: View, sent: Sent) -> Outcome:
    values = values_in(sent, tuple(elements_in(view.blocks)), STATEFUL)
    return await _settled(desk, desk.town.slack.submit(reader.user, view.id, values))


async def file(desk: Desk, reader: Reader, sent: Sent) -> int:
    """A ticket in one's own words; its number."""
    title, body = sent.one("title").strip(), sent.one("body")
    author = sent.one("author") or reader.user
    return await desk.town.github.file(desk.town.repository, author, title, body or None)


async def file_prepared(desk: Desk, _reader: Reader, sent: Sent) -> int:
    story = desk.stories.get(sent.one("prepared"))
    if story is None:
        raise CannotDo("There is no such prepared ticket.")
    return await desk.town.github.file(desk.town.repository, story.author, story.title, story.body)


async def in_tracker(desk: Desk, reader: Reader, sent: Sent) -> None:
    """What a person changes in the tracker by hand."""
    github, repo = desk.town.github, desk.town.repository
    number = sent.one("number")
    issue = github.issue(repo, int(number) if number.isdecimal() else 0)
    match sent.one("do"):
        case "label":
            await github.label_as(repo, issue.number, reader.user, sent.one("label"))
        case "unlabel":
            await github.unlabel_as(repo, issue.number, reader.user, sent.one("label"))
        case "assign":
            await github.assign_as(repo, issue.number, reader.user, sent.one("assignee"))
        case "unassign":
            await github.unassign_as(repo, issue.number, reader.user, sent.one("assignee"))
        case "toggle" if issue.state == "open":
            await github.close(repo, issue.number, reader.user)
        case "toggle":
            await github.reopen(repo, issue.number, reader.user)
        case _ if sent.one("comment").strip():
            await github.comment_as(repo, issue.number, reader.user, sent.one("comment"))
        case _:
            raise CannotDo("Write a comment first.")


def words_of(problem: CannotDo | PersonCannot | Refused) -> str:
    """For the person who tried."""
    return f"The tracker says: {problem}" if isinstance(problem, Refused) else str(problem)


def _must_be_acked(outcome: Outcome) -> None:
    if not outcome.acked:
        raise CannotDo(f"Slack could not reach the app ({outcome.error or outcome.status}). Try again in a moment.")


async def _settled(desk: Desk, act: Awaitable[Outcome]) -> Outcome:
    """The act, and a moment for the bot to answer it, so that also a page without the script shows the answer."""
    before = pulse(desk.town)
    outcome = await act
    with contextlib.suppress(TimeoutError):
        await desk.town.slack.until(lambda: pulse(desk.town) != before, SETTLE_S)
    return outcome
