"""The Slack side: who one is, the channel's messages and threads, what only oneself sees, the line to type in."""

from __future__ import annotations

import json

from bot.demo.page.blockkit import blocks
from bot.demo.page.controls import Surface
from bot.demo.page.forms import button, form, hidden, region
from bot.demo.page.memory import Memory
from bot.demo.page.mrkdwn import mrkdwn
from bot.demo.page.reader import Reader
from bot.markup import Html, joined, tag
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.server import LocalSlack
from bot.sandbox.slack.workspace import User

SHOWN = 60
"""Messages on the page; older ones are still in the workspace."""
COMMANDS = ("/triage help", "/triage list", "/triage acme/assistant#1")


def people(slack: LocalSlack) -> list[User]:
    return [one for one in slack.workspace.users if not one.deleted and not one.is_bot]


def switcher(slack: LocalSlack, reader: Reader) -> Html:
    """Plain links, so that one can bookmark a person."""
    links = [
        tag(
            "a",
            avatar(one.name),
            tag("span", one.name),
            tag("small", _standing(one)) if _standing(one) else None,
            href=reader.place(user=one.name),
            aria_current="true" if one.name == reader.user else None,
        )
        for one in people(slack)
    ]
    return tag("nav", tag("span", "You are", class_="quiet"), links, class_="people", aria_label="Who you are")


def messages(slack: LocalSlack, channel: str, reader: Reader, memory: Memory) -> Html:
    everything = [*slack.messages(channel), *(one for one in slack.ephemerals(reader.user) if one.channel == channel)]
    everything.sort(key=lambda one: one.ts)
    tops = [one for one in everything if not one.is_reply or one.reply_broadcast][-SHOWN:]
    for one in everything[-2 * SHOWN :]:
        memory.show(reader.user, one)
    drawn = []
    for top in tops:
        replies = [one for one in everything if one.is_reply and one.thread_ts == top.ts]
        drawn.append(_thread(top, replies, reader))
    empty = tag("p", "Nothing has been said yet. File a ticket and its card comes here.", class_="quiet empty")
    return region("messages", "Messages", tag("div", drawn or empty, class_="log"), class_="scroll")


def composer(channel: str, reader: Reader) -> Html:
    """Slash commands and messages share one line, as in Slack."""
    offered = tag("datalist", [tag("option", value=one) for one in COMMANDS], id="commands")
    line = tag(
        "input",
        name="text",
        list="commands",
        autocomplete="off",
        maxlength=4000,
        placeholder=f"Message #{channel}, or /triage list",
        aria_label=f"Message #{channel} as {reader.user}",
        id="composer",
    )
    return form(reader, "/say", offered, line, button("Send"), class_="composer", data_clear=True)


def avatar(name: str) -> Html:
    tint = sum(map(ord, name)) % 6
    letters = "".join(part[:1] for part in name.replace("[", "-").split("-")[:2]).upper()
    return tag("span", letters or "?", class_=f"avatar tint{tint}", aria_hidden="true")


def _standing(user: User) -> str:
    if user.is_stranger:
        return "other company"
    return "guest account" if user.is_restricted or user.is_ultra_restricted else ""


def _thread(top: Message, replies: list[Message], reader: Reader) -> Html:
    shown = [_message(one, reader) for one in replies]
    return joined([_message(top, reader), tag("div", shown, class_="thread") if shown else None])


def _message(message: Message, reader: Reader) -> Html:
    name = reader.handles.get(message.user, message.user)
    prefix = f"m{message.ts}"
    head = tag(
        "header",
        tag("b", name),
        tag("span", "APP", class_="app") if message.bot_id else None,
        reader.clock(float(message.ts)),
        tag("span", "edited", class_="quiet") if message.edited_at and not message.bot_id else None,
    )
    only = tag("p", "Only visible to you", class_="only") if message.is_ephemeral else None
    look = "message whispered" if message.is_ephemeral else "message"
    body = tag("div", only, head, _said(message, prefix, reader), _reactions(message), _json(message, prefix))
    return tag("article", avatar(name), body, class_=look, id=prefix, tabindex=-1, aria_label=f"Message of {name}")


def _said(message: Message, prefix: str, reader: Reader) -> Html:
    if not message.blocks:
        return tag("div", mrkdwn(message.text, reader), class_="text")
    surface = Surface(reader, message.blocks, prefix)
    seen = [hidden("ts", message.ts), hidden("edited", message.edited_at or "")]
    dismiss = button("Dismiss", name="dismiss", value="1", look="plain") if message.is_ephemeral else None
    return form(reader, "/press", seen, blocks(surface), dismiss)


def _reactions(message: Message) -> Html | None:
    counted = [tag("span", f":{name}:") for name in dict.fromkeys(message.reactions)]
    return tag("div", counted, class_="reactions") if counted else None


def _json(message: Message, prefix: str) -> Html | None:
    """What the bot sent, for those who build it."""
    if not message.bot_id:
        return None
    raw = json.dumps(message.wire(), indent=1, ensure_ascii=False)
    return tag("details", tag("summary", "JSON"), tag("pre", raw), class_="json", id=f"{prefix}-json")
