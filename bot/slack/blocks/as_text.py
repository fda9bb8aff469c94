"""Blocks as plain terminal text: for `strata triage --dry-run`, and to count the lines a person sees.

Must not know what a card is. Escapes for terminals are dropped here too, whatever the blocks hold.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from bot.slack.blocks.message import Json

WIDTH = 96
"""About what a laptop shows of one line in Slack."""
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_USER = re.compile(r"<@([A-Z0-9]+)>")


def as_text(blocks: Sequence[Json], width: int = WIDTH) -> str:
    return "\n".join(line for block in blocks for line in _block(block, width))


def height(blocks: Sequence[Json], width: int = WIDTH) -> int:
    """How many lines the blocks take on a laptop."""
    return sum(1 for block in blocks for _ in _block(block, width))


def _block(block: Json, width: int) -> Iterator[str]:
    match block.get("type"):
        case "rich_text":
            for part in _dicts(block.get("elements")):
                yield from _rich_part(part, width)
        case "section":
            if "text" in block:
                yield from _wrapped(_said(block["text"]), width)
            yield from _columns([_said(one) for one in _dicts(block.get("fields"))], width)
        case "context":
            small = width + width // 4
            yield from _wrapped(" · ".join(_said(one) for one in _dicts(block.get("elements"))), small)
        case "actions":
            yield "  ".join(f"[ {_said(one.get('text')) or '⋯'} ]" for one in _dicts(block.get("elements")))
        case "header":
            yield from _wrapped(_said(block.get("text")).upper(), width)
        case "divider":
            yield "-" * width
        case "input":
            yield from _input(block, width)


def _rich_part(part: Json, width: int) -> Iterator[str]:
    match part.get("type"):
        case "rich_text_list":
            for item in _dicts(part.get("elements")):
                yield from _wrapped(_inline(item), width, "• ", "  ")
        case "rich_text_quote":
            yield from _wrapped(_inline(part), width, "┃ ", "┃ ")
        case "rich_text_preformatted":
            yield from _wrapped(_inline(part), width, "│ ", "│ ")
        case _:
            yield from _wrapped(_inline(part), width)


def _inline(part: Json) -> str:
    return "".join(_element(one) for one in _dicts(part.get("elements")))


def _element(element: Json) -> str:
    match element.get("type"):
        case "user":
            return f"@{_string(element.get('user_id'))}"
        case "date":
            return _string(element.get("fallback"))
        case _:
            text = _string(element.get("text")) or _string(element.get("url"))
            style = element.get("style")
            return f"`{text}`" if isinstance(style, dict) and style.get("code") else text


def _said(text: object) -> str:
    """A text object as it reads: mrkdwn loses its marks, entities come back."""
    if not isinstance(text, dict):
        return ""
    said = _string(text.get("text"))
    if text.get("type") != "mrkdwn":
        return said
    said = _USER.sub(r"@\1", _DATE.sub(r"\1", said))
    return said.replace("*", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _input(block: Json, width: int) -> Iterator[str]:
    element = block.get("element")
    holder = element if isinstance(element, dict) else {}
    chosen = holder.get("initial_option")
    value = _said(chosen.get("text")) if isinstance(chosen, dict) else _string(holder.get("initial_value"))
    yield from _wrapped(f"{_said(block.get('label'))}: [ {value} ]", width)
    if "hint" in block:
        yield from _wrapped(_said(block["hint"]), width, "  ", "  ")


def _columns(texts: list[str], width: int) -> Iterator[str]:
    half = width // 2 - 1
    for at in range(0, len(texts), 2):
        left, right = ([*_wrapped(text, half)] for text in [*texts[at : at + 2], ""][:2])
        for one, other in zip_longest(left, right, fillvalue=""):
            yield f"{one:<{half}}  {other}".rstrip()


def _wrapped(text: str, width: int, first: str = "", then: str = "") -> Iterator[str]:
    for line in text.split("\n"):
        shown = "".join(char for char in line if char.isprintable())
        yield from textwrap.wrap(
            shown, width, initial_indent=first, subsequent_indent=then, drop_whitespace=True, break_on_hyphens=False
        ) or [first]


def _dicts(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
