"""What Slack refuses, checked before Slack does; and a last cut, so that nothing over-long is sent to fail.

Owns the limits of Block Kit. Goes beyond `slack_sdk`'s own checks: empty texts, field lengths, block counts of
messages, repeated ids, preselected values that are not on offer. Must not know what a block means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import chain

from bot.slack.blocks.message import Json, Message
from bot.slack.escape import cut


class Surface(StrEnum):
    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


MOST_BLOCKS = {Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100}
MOST_TEXT = 12_000
"""Characters of a whole message. Slack answers `msg_blocks_too_long` a little above."""
_EVERYWHERE = {"section", "actions", "context", "divider", "header", "image", "input", "rich_text", "video"}
_ALLOWED = {
    Surface.MESSAGE: _EVERYWHERE | {"container", "markdown", "table", "card", "carousel", "context_actions", "file"},
    Surface.MODAL: _EVERYWHERE | {"alert", "card", "table"},
    Surface.HOME: _EVERYWHERE | {"card", "carousel", "table"},
}
_LENGTHS = {
    ("section", "text"): 3000,
    ("field", "text"): 2000,
    ("header", "text"): 150,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("button", "text"): 75,
    ("button", "accessibility_label"): 75,
    ("static_select", "placeholder"): 150,
    ("plain_text_input", "placeholder"): 150,
    ("plain_text_input", "initial_value"): 3000,
    ("option", "text"): 75,
    ("option", "description"): 75,
    ("option_group", "label"): 75,
    ("confirm", "title"): 100,
    ("confirm", "text"): 300,
    ("confirm", "confirm"): 30,
    ("confirm", "deny"): 30,
    ("markdown", "text"): 12_000,
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
}
_UNCUTTABLE = {
    ("button", "value"): 2000,
    ("button", "url"): 3000,
    ("option", "value"): 150,
    ("modal", "private_metadata"): 3000,
    ("modal", "callback_id"): 255,
    ("link", "url"): 3000,
}
_COUNTS = {
    ("section", "fields"): 10,
    ("context", "elements"): 10,
    ("actions", "elements"): 25,
    ("static_select", "options"): 100,
    ("static_select", "option_groups"): 100,
    ("option_group", "options"): 100,
    ("overflow", "options"): 5,
    ("table", "rows"): 100,
}
_NEEDED = {
    "actions": "elements",
    "context": "elements",
    "rich_text": "elements",
    "rich_text_section": "elements",
    "rich_text_quote": "elements",
    "rich_text_preformatted": "elements",
    "rich_text_list": "elements",
    "input": "element",
    "button": "text",
    "header": "text",
}
_ROLES = {
    "fields": "field",
    "options": "option",
    "initial_option": "option",
    "option_groups": "option_group",
    "confirm": "confirm",
}
_TEXTS = {"plain_text", "mrkdwn", "text", "field"}
_ID_LENGTH = 255
_MARKUP = re.compile(
    r"<(?!@[UW][A-Z0-9]+>|#C[A-Z0-9]+[|>]|!date\^\d+\^|https?://[^\s<>]+>|https?://[^\s<>|]+\|)[^>]*>?"
)
"""Angle brackets that are neither a person, a channel, a moment nor a link: an unescaped text, or a group ping."""


def lint_message(message: Message) -> list[str]:
    spare = [] if message.text.strip() else ["message: no text for notifications and screen readers"]
    return spare + lint_blocks(message.blocks, Surface.MESSAGE)


def lint_view(view: Json) -> list[str]:
    """A modal with everything around its blocks."""
    blocks = _dicts(view.get("blocks"))
    frame = {key: value for key, value in view.items() if key != "blocks"}
    problems = [*_lengths("modal", frame), *lint_blocks(blocks, Surface.MODAL)]
    if "title" not in view:
        problems.append("modal: no title")
    if "submit" not in view and any(block.get("type") == "input" for block in blocks):
        problems.append("modal: inputs need a submit button")
    return problems


def lint_blocks(blocks: Sequence[Json], surface: Surface) -> list[str]:
    """Everything Slack would refuse, in words; empty when the blocks are fine."""
    problems: list[str] = []
    if len(blocks) > MOST_BLOCKS[surface]:
        problems.append(f"{len(blocks)} blocks, a {surface} takes {MOST_BLOCKS[surface]}")
    problems += [f"{kind} is not allowed in a {surface}" for kind in _kinds(blocks) if kind not in _ALLOWED[surface]]
    problems += [f"block_id {one} occurs twice" for one in _twice(block.get("block_id") for block in blocks)]
    if surface is Surface.MESSAGE and (total := _text_size(blocks)) > MOST_TEXT:
        problems.append(f"{total} characters of text, a message takes {MOST_TEXT}")
    for at, block in enumerate(blocks):
        found = [problem for role, node in _walk(block, _kind(block)) for problem in _node(role, node)]
        actions = (node.get("action_id") for _, node in _walk(block, "") if "action_id" in node)
        found += [f"action_id {one} occurs twice" for one in _twice(actions)]
        problems += [f"block {at}: {problem}" for problem in found]
    return problems


def fitted(message: Message) -> Message:
    """The message with everything over-long cut. A message within the limits comes back equal."""
    blocks = [_cut_node(_kind(block), block) for block in message.blocks]
    whole = len(blocks)
    while blocks and (len(blocks) > MOST_BLOCKS[Surface.MESSAGE] or _text_size(blocks) > MOST_TEXT):
        blocks.pop()
    if len(blocks) < whole:
        note: Json = {"type": "plain_text", "text": "There is more than one message can show.", "emoji": False}
        blocks[-1:] = [{"type": "context", "elements": [note]}]
    return message.model_copy(update={"blocks": tuple(blocks), "text": cut(message.text, 4000) or "Strata"})


def fitted_view(view: Json) -> Json:
    """The same for a modal."""
    frame = _cut_node("modal", {key: value for key, value in view.items() if key != "blocks"})
    blocks = _dicts(view.get("blocks"))[: MOST_BLOCKS[Surface.MODAL]]
    return {**frame, "blocks": [_cut_node(_kind(block), block) for block in blocks]}


def _node(role: str, node: Json) -> Iterator[str]:
    yield from _lengths(role, node)
    for (of, key), most in _COUNTS.items():
        if of == role and isinstance(held := node.get(key), list) and not 0 < len(held) <= most:
            yield f"{role}.{key} holds {len(held)}, takes 1 to {most}"
    needed = _NEEDED.get(role)
    if needed and not node.get(needed):
        yield f"{role} has no {needed}"
    if role == "section" and not (node.get("text") or node.get("fields")):
        yield "section has neither text nor fields"
    if role in _TEXTS and not _filled(role, node):
        yield f"{role} is empty"
    if node.get("type") == "mrkdwn" and (marks := _MARKUP.findall(_said(node))):
        yield f"mrkdwn has {marks[0][:20]}, which pings everybody or means nothing"
    if role == "static_select":
        yield from _select(node)
    if role == "link" and not str(node.get("url")).startswith(("https://", "http://")):
        yield "link goes nowhere"


def _lengths(role: str, node: Json) -> Iterator[str]:
    for (of, key), most in chain(_LENGTHS.items(), _UNCUTTABLE.items()):
        if of == role and (size := len(_said(node.get(key)))) > most:
            yield f"{role}.{key} has {size} characters, takes {most}"
    for key in ("block_id", "action_id"):
        if len(_said(node.get(key))) > _ID_LENGTH:
            yield f"{role}.{key} is too long"


def _select(node: Json) -> Iterator[str]:
    groups = _dicts(node.get("option_groups"))
    offered = [*_dicts(node.get("options")), *(one for group in groups for one in _dicts(group.get("options")))]
    chosen = node.get("initial_option")
    if not offered:
        yield "static_select offers nothing"
    if chosen is not None and chosen not in offered:
        yield "static_select starts with an option it does not offer"
    yield from (f"option {one} occurs twice" for one in _twice(option.get("value") for option in offered))


def _cut_node(role: str, node: Json, most: int | None = None) -> Json:
    """`most` is the limit of a text object, which depends on where it stands."""
    new = {key: _cut_value(role, key, value) for key, value in node.items()}
    text = new.get("text")
    if isinstance(text, str) and node.get("type") in {"plain_text", "mrkdwn"}:
        new["text"] = (cut(text, most) if most else text) if text.strip() else "-"
    return new


def _cut_value(role: str, key: str, value: object) -> object:
    most = _LENGTHS.get((role, key))
    match value:
        case str():
            return cut(value, most) if most else value
        case dict():
            return _cut_node(_role(key, value), value, most)
        case list():
            held = value[: _COUNTS.get((role, key), len(value))]
            return [_cut_node(_role(key, one), one) if isinstance(one, dict) else one for one in held]
        case _:
            return value


def _walk(node: Json, role: str) -> Iterator[tuple[str, Json]]:
    yield role, node
    for key, value in node.items():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict):
                yield from _walk(child, _role(key, child))


def _role(key: str, node: Json) -> str:
    return _ROLES.get(key) or _said(node.get("type")) or key


def _kind(block: Json) -> str:
    return _said(block.get("type"))


def _kinds(blocks: Sequence[Json]) -> list[str]:
    return [_kind(block) for block in blocks]


def _filled(role: str, node: Json) -> bool:
    """A blank between two words is a text in rich text; a text object must say something."""
    text = _said(node.get("text"))
    return bool(text if role == "text" else text.strip())


def _said(value: object) -> str:
    held = value.get("text") if isinstance(value, dict) else value
    return held if isinstance(held, str) else ""


def _text_size(blocks: Sequence[Json]) -> int:
    return sum(
        len(text) for block in blocks for _, node in _walk(block, "") if isinstance(text := node.get("text"), str)
    )


def _twice(values: Iterator[object]) -> list[object]:
    return [one for one, count in Counter(values).items() if count > 1 and one is not None]


def _dicts(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
