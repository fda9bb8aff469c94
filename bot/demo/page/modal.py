"""What lies over the page: the top modal of the person who looks, or the question behind a button with a confirm."""

from __future__ import annotations

from bot.demo.page.blockkit import blocks
from bot.demo.page.controls import Surface
from bot.demo.page.forms import button, form, hidden, region
from bot.demo.page.memory import Asked, Memory
from bot.demo.page.mrkdwn import mrkdwn, plain
from bot.demo.page.reader import Reader
from bot.markup import Child, Html, tag
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.narrow import Json, as_object, as_text
from bot.sandbox.slack.views import View


def overlay(view: View | None, reader: Reader, memory: Memory) -> Html:
    asked = memory.asked.get(reader.user)
    inside = _question(asked, reader) if asked else _modal(view, reader, memory) if view else None
    return region("overlay", "", tag("div", inside, class_="veil") if inside else None)


def surface_of(view: View, reader: Reader, memory: Memory) -> Surface:
    half = memory.half(view)
    return Surface(reader, tuple(view.blocks), view.id, half.entered, {**dict(view.errors), **half.errors})


def _modal(view: View, reader: Reader, memory: Memory) -> Html:
    submit, close = _words(view.body.get("submit")), _words(view.body.get("close"))
    first = tag(
        "button", type="submit", name="do", value="submit" if submit else "close", class_="default", tabindex=-1
    )
    buttons = [
        button(close or ("Cancel" if submit else "Close"), name="do", value="close"),
        button(submit, name="do", value="submit", look="button primary") if submit else None,
    ]
    return form(
        reader,
        "/view",
        first,
        hidden("view", view.id),
        hidden("hash", view.hash),
        _frame(view.id, _words(view.body.get("title")), blocks(surface_of(view, reader, memory)), buttons),
        role="dialog",
        aria_modal="true",
        aria_labelledby=f"{view.id}-title",
        class_="modal",
        data_view=f"{view.id} {view.hash} {memory.half(view).attempts}",
    )


def _question(asked: Asked, reader: Reader) -> Html:
    confirm = asked.question
    seen = [hidden("ts", asked.message.ts), hidden("edited", asked.message.edited_at or "")]
    again = [hidden("press", asked.press), hidden(f"in-{asked.press.partition(':')[0]}", asked.chosen)]
    look = "button danger" if confirm.get("style") == "danger" else "button primary"
    body = as_object(confirm.get("text"))
    text = as_text(body.get("text"))
    shown = mrkdwn(text, reader) if body.get("type") == "mrkdwn" else plain(text)
    buttons = [
        button(_words(confirm.get("deny")) or "Cancel", name="sure", value="no"),
        button(_words(confirm.get("confirm")) or "Yes", name="sure", value="yes", look=look),
    ]
    return form(
        reader,
        "/press",
        seen,
        again,
        _frame("sure", _words(confirm.get("title")), tag("div", shown, class_="text"), buttons),
        role="alertdialog",
        aria_modal="true",
        aria_labelledby="sure-title",
        data_view="sure",
        class_="modal",
    )


def _frame(prefix: str, title: str, body: Child, buttons: Child) -> Child:
    """In the order of reading; the last button is the one that does it."""
    return [
        tag("h2", title, id=f"{prefix}-title", tabindex=-1),
        tag("div", body, class_="body"),
        tag("footer", buttons),
    ]


def question_of(message: Message, block_id: str, action_id: str) -> Json:
    """The confirm dialog of an element; empty where it has none."""
    for one in message.elements:
        if (one.block_id, one.action_id) == (block_id, action_id):
            return as_object(one.body.get("confirm"))
    return {}


def _words(text: object) -> str:
    return as_text(as_object(text).get("text"))
