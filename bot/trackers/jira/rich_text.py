"""Jira's texts: documents (ADF) in the Cloud, wiki markup on servers. Pure.

What we post is plain paragraphs and reads back word for word; what people wrote becomes plain text. The marker of our
comments, which trackers with Markdown hide in an HTML comment, hides in an address that the word `Strata` links to, or
in an anchor of the wiki.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, JsonValue

from bot.trackers.jira.vocabulary import FromJira
from bot.trackers.text import FreeText

_HIDDEN = re.compile(r"\n\n<!-- strata:([0-9a-z.]{1,100}) -->\s*$")
_SIGN = "#strata-"
_SIGNED = re.compile(r"#strata-([0-9a-z.]{1,100})$")
_IN_WIKI = re.compile(
    r"\{anchor:strata-([0-9a-z.]{1,100})\}|\[Strata\|[^\]|\s]*#strata-([0-9a-z.]{1,100})(?:\|smart-link)?\]"
)
_DEEPEST = 40
_ROWS = frozenset({"bulletList", "orderedList", "taskList", "decisionList", "table"})
_INLINE = frozenset({"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"})


class _Mark(FromJira):
    type: str = ""
    attrs: dict[str, JsonValue] = Field(default_factory=dict)


class Node(FromJira):
    """One node of the Atlassian Document Format, read tolerantly."""

    type: str = ""
    text: FreeText = ""
    attrs: dict[str, JsonValue] = Field(default_factory=dict)
    marks: tuple[_Mark, ...] = ()
    content: tuple[Node, ...] = ()


Rich = Annotated[Node | FreeText | None, Field(union_mode="left_to_right")]
"""A text of Jira: a document, wiki markup, or none."""


def to_document(body: str, page: str) -> JsonValue:
    """A comment for the Cloud; its marker goes into a link to `page`."""
    found = _HIDDEN.search(body)
    blocks: list[JsonValue] = [_paragraph(one) for one in _HIDDEN.sub("", body).split("\n\n")]
    if found is not None:
        link: JsonValue = {"type": "link", "attrs": {"href": f"{page}{_SIGN}{found[1]}"}}
        blocks.append({"type": "paragraph", "content": [{"type": "text", "text": "Strata", "marks": [link]}]})
    return {"type": "doc", "version": 1, "content": blocks}


def to_wiki(body: str) -> str:
    """A comment for a server; its marker goes into an anchor."""
    return _HIDDEN.sub(lambda found: f"\n\n{{anchor:strata-{found[1]}}}", body)


def plain(text: Node | str | None) -> str:
    """What people read, and our marker where it was."""
    if text is None:
        return ""
    if isinstance(text, str):
        return _IN_WIKI.sub(lambda found: _comment(found[1] or found[2]), text.replace("\r\n", "\n"))
    return _blocks(text.content, 0)


def _paragraph(text: str) -> JsonValue:
    content: list[JsonValue] = []
    for index, line in enumerate(text.split("\n")):
        content += [{"type": "hardBreak"}] if index else []
        content += [{"type": "text", "text": line}] if line else []
    return {"type": "paragraph", "content": content}


def _comment(marker: str) -> str:
    return f"<!-- strata:{marker} -->"


def _blocks(nodes: tuple[Node, ...], depth: int) -> str:
    """Blocks apart by an empty line; runs of inline nodes belong together."""
    if depth > _DEEPEST:
        return ""
    parts: list[str] = []
    inline = False
    for one in nodes:
        shown = _shown(one, depth + 1)
        if _is_inline(one) and inline:
            parts[-1] += shown
        else:
            parts.append(shown)
        inline = _is_inline(one)
    return "\n\n".join(parts)


def _is_inline(one: Node) -> bool:
    return one.type in _INLINE


def _shown(one: Node, depth: int) -> str:
    if _is_inline(one):
        return _inline(one)
    if one.type in _ROWS:
        return "\n".join(_row(item, depth + 1) for item in one.content)
    inner = _blocks(one.content, depth)
    framed = {
        "codeBlock": f"```\n{inner}\n```",
        "blockquote": "\n".join(f"> {line}" for line in inner.split("\n")),
        "rule": "---",
        "expand": "\n\n".join(text for text in (_attribute(one, "title"), inner) if text),
    }
    return framed.get(one.type, inner)


def _row(one: Node, depth: int) -> str:
    """An item of a list, or a row of a table."""
    if one.type == "tableRow":
        return " | ".join(_blocks(cell.content, depth) for cell in one.content)
    return f"- {_blocks((one,), depth)}"


def _inline(one: Node) -> str:
    match one.type:
        case "hardBreak":
            return "\n"
        case "inlineCard":
            return _attribute(one, "url")
        case "text":
            return _linked(one)
        case _:
            return _attribute(one, "text") or _attribute(one, "shortName")


def _linked(one: Node) -> str:
    address = next((str(mark.attrs.get("href", "")) for mark in one.marks if mark.type == "link"), "")
    found = _SIGNED.search(address)
    if found is not None and one.text == "Strata":
        return _comment(found[1])
    return f"{one.text} ({address})" if address and address != one.text else one.text


def _attribute(one: Node, name: str) -> str:
    value = one.attrs.get(name, "")
    return value if isinstance(value, str) else ""
