"""Block Kit JSON as HTML: each kind of block has one line in `_BLOCKS`; what is not drawn is shown as JSON, never lost.

Owns the look of blocks. Texts are drawn by `mrkdwn` and `richtext`, what can be pressed by `controls`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.demo.page.controls import Surface, control, entry_field, picture
from bot.demo.page.mrkdwn import mrkdwn, plain
from bot.demo.page.richtext import rich_text
from bot.markup import Html, joined, tag
from bot.sandbox.slack.narrow import Json, as_object, as_objects, as_text


def blocks(surface: Surface) -> Html:
    return joined([_block(one, surface) for one in surface.blocks])


def _block(block: Json, surface: Surface) -> Html:
    draw = _BLOCKS.get(as_text(block.get("type")), _unknown)
    return tag("div", draw(block, surface), class_=f"block {_kind(block)}")


def _kind(block: Json) -> str:
    """A class name; block types from outside are not put into the page as they are."""
    kind = as_text(block.get("type"))
    return kind.replace("_", "-") if kind in _BLOCKS else "unknown"


def _text(value: object, surface: Surface) -> Html:
    body = as_object(value)
    words = as_text(body.get("text"))
    return mrkdwn(words, surface.reader) if body.get("type") == "mrkdwn" else plain(words)


def _header(block: Json, surface: Surface) -> Html:
    return tag("h3", _text(block.get("text"), surface))


def _section(block: Json, surface: Surface) -> Html:
    words = tag("div", _text(block.get("text"), surface), class_="text") if block.get("text") else None
    fields = [tag("div", _text(one, surface)) for one in as_objects(block.get("fields"))]
    beside = as_object(block.get("accessory"))
    return joined(
        [
            tag("div", words, tag("div", fields, class_="fields") if fields else None, class_="said"),
            tag("div", control(beside, surface), class_="accessory") if beside else None,
        ]
    )


def _context(block: Json, surface: Surface) -> Html:
    parts = [
        picture(one) if one.get("type") == "image" else tag("span", _text(one, surface))
        for one in as_objects(block.get("elements"))
    ]
    return joined(parts)


def _actions(block: Json, surface: Surface) -> Html:
    return joined([control(one, surface) for one in as_objects(block.get("elements"))])


def _input(block: Json, surface: Surface) -> Html:
    """Label, field, hint, error; a screen reader hears all four."""
    element, block_id = as_object(block.get("element")), as_text(block.get("block_id"))
    if surface.number(element) < 0:
        return _unknown(block, surface)
    field, error = surface.id_of(element), surface.errors.get(block_id, "")
    hint = _text(block.get("hint"), surface) if block.get("hint") else None
    described = [f"{field}-error"] * bool(error) + [f"{field}-hint"] * bool(hint)
    optional = tag("small", " (optional)") if block.get("optional") is True else None
    return joined(
        [
            tag("label", _text(block.get("label"), surface), optional, for_=field),
            entry_field(element, surface, described_by=" ".join(described)),
            tag("p", error, class_="error", id=f"{field}-error") if error else None,
            tag("p", hint, class_="hint", id=f"{field}-hint") if hint else None,
        ]
    )


def _rich(block: Json, surface: Surface) -> Html:
    return rich_text(block, surface.reader)


def _divider(_block: Json, _surface: Surface) -> Html:
    return tag("hr")


def _image(block: Json, surface: Surface) -> Html:
    return joined([_text(block.get("title"), surface) if block.get("title") else None, picture(block)])


def _markdown(block: Json, _surface: Surface) -> Html:
    return tag("div", plain(as_text(block.get("text"))), class_="text")


def _alert(block: Json, surface: Surface) -> Html:
    return tag("p", _text(block.get("text"), surface), role="note")


def _table(block: Json, surface: Surface) -> Html:
    rows = block.get("rows")
    drawn = []
    for row in rows if isinstance(rows, list) else []:
        cells = [
            rich_text(cell, surface.reader) if cell.get("type") == "rich_text" else plain(as_text(cell.get("text")))
            for cell in as_objects(row)
        ]
        drawn.append(tag("tr", [tag("td", cell) for cell in cells]))
    return tag("table", drawn)


def _container(block: Json, surface: Surface) -> Html:
    """Collapsible, open unless it says otherwise."""
    children = [_block(one, surface) for one in as_objects(block.get("child_blocks"))]
    title = tag("summary", _text(block.get("title"), surface))
    return tag("details", title, children, open=block.get("default_collapsed") is not True)


def _card(block: Json, surface: Surface) -> Html:
    words = [
        tag(name, _text(block.get(part), surface))
        for name, part in (("h4", "title"), ("small", "subtitle"), ("div", "body"))
        if block.get(part)
    ]
    return joined([words, tag("div", [control(one, surface) for one in as_objects(block.get("actions"))])])


def _carousel(block: Json, surface: Surface) -> Html:
    return joined([_block(one, surface) for one in as_objects(block.get("elements"))])


def _unknown(block: Json, _surface: Surface) -> Html:
    told = f"A block of the kind {as_text(block.get('type')) or 'nothing'}, which this page does not draw"
    return tag("details", tag("summary", told), tag("pre", json.dumps(block, indent=1, ensure_ascii=False)))


_BLOCKS: Mapping[str, Callable[[Json, Surface], Html]] = MappingProxyType(
    {
        "header": _header,
        "section": _section,
        "context": _context,
        "actions": _actions,
        "input": _input,
        "rich_text": _rich,
        "divider": _divider,
        "image": _image,
        "markdown": _markdown,
        "alert": _alert,
        "table": _table,
        "container": _container,
        "card": _card,
        "carousel": _carousel,
    }
)
