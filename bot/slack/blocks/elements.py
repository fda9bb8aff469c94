"""Block Kit pieces, named. Owns their spelling and nothing else: no wording, no rules, no escaping.

`literal`, `bold`, `code` and `plain` take text that Slack shows as it stands; `marked` takes mrkdwn and must only
ever be given words of ours or text that went through `escape.mrkdwn`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.slack.blocks.message import Json
from bot.slack.escape import cut
from graphs.model import Millis

BUTTON_TEXT = 75
OPTION_TEXT = 75


def plain(text: str) -> Json:
    """A plain_text object: no mentions, no links, and `:codes:` stay codes."""
    return {"type": "plain_text", "text": text, "emoji": False}


def marked(text: str) -> Json:
    """A mrkdwn object that Slack does not search for addresses and names."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def literal(text: str) -> Json:
    return {"type": "text", "text": text}


def bold(text: str) -> Json:
    return {"type": "text", "text": text, "style": {"bold": True}}


def italic(text: str) -> Json:
    return {"type": "text", "text": text, "style": {"italic": True}}


def code(text: str) -> Json:
    return {"type": "text", "text": text, "style": {"code": True}}


def link(url: str, text: str) -> Json:
    return {"type": "link", "url": url, "text": text}


def person(user: str) -> Json:
    """A name that Slack writes; in a modal it pings nobody."""
    return {"type": "user", "user_id": user}


def line(*parts: Json) -> Json:
    return {"type": "rich_text_section", "elements": [*parts]}


def quote(*parts: Json) -> Json:
    return {"type": "rich_text_quote", "elements": [*parts]}


def boxed(text: str) -> Json:
    return {"type": "rich_text_preformatted", "elements": [literal(text)]}


def bullets(items: Iterable[Json]) -> Json:
    return {"type": "rich_text_list", "style": "bullet", "elements": [*items]}


def rich(parts: Iterable[Json], block_id: str | None = None) -> Json:
    return _named({"type": "rich_text", "elements": [*parts]}, block_id)


def section(text: Json, block_id: str | None = None) -> Json:
    return _named({"type": "section", "text": text}, block_id)


def fields(texts: Sequence[Json], block_id: str | None = None) -> Json:
    return _named({"type": "section", "fields": [*texts]}, block_id)


def context(parts: Sequence[Json], block_id: str | None = None) -> Json:
    return _named({"type": "context", "elements": [*parts]}, block_id)


def actions(buttons: Sequence[Json], block_id: str | None = None) -> Json:
    return _named({"type": "actions", "elements": [*buttons]}, block_id)


def button(action_id: str, text: str, value: str, spoken: str) -> Json:
    """`spoken` is what a screen reader says."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain(text),
        "value": value,
        "accessibility_label": cut(spoken, BUTTON_TEXT),
    }


def menu(action_id: str, choices: Sequence[tuple[str, str]]) -> Json:
    """Three dots with (words, value) behind them."""
    return {"type": "overflow", "action_id": action_id, "options": [option(words, value) for words, value in choices]}


def option(text: str, value: str) -> Json:
    return {"text": plain(cut(text, OPTION_TEXT)), "value": value}


def input_block(block_id: str, label: str, element: Json, *, optional: bool = False, hint: str = "") -> Json:
    block: Json = {"type": "input", "label": plain(label), "element": element, "optional": optional}
    return _named({**block, "hint": plain(hint)} if hint else block, block_id)


def when(at: Millis, form: str = "{date_short_pretty} at {time}") -> str:
    """A moment in mrkdwn, shown in each reader's own time zone."""
    return f"<!date^{at // 1000}^{form}|{utc(at)}>"


def moment(at: Millis, form: str) -> Json:
    """The same for rich text."""
    return {"type": "date", "timestamp": at // 1000, "format": form, "fallback": utc(at)}


def utc(at: Millis) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _named(block: Json, block_id: str | None) -> Json:
    return {**block, "block_id": block_id} if block_id else block
