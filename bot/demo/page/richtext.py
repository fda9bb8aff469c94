"""Slack's rich_text blocks as HTML. Every element kind has one line in `_INLINE`; an unknown one shows its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.demo.page.mrkdwn import plain
from bot.demo.page.reader import Reader
from bot.markup import Html, joined, tag
from bot.sandbox.slack.narrow import Json, as_object, as_objects, as_text

STYLES = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s"), ("underline", "u"))


def rich_text(block: Json, reader: Reader) -> Html:
    return tag("div", [_part(part, reader) for part in as_objects(block.get("elements"))], class_="rich")


def _part(part: Json, reader: Reader) -> Html:
    inside = as_objects(part.get("elements"))
    match part.get("type"):
        case "rich_text_quote":
            return tag("blockquote", _inline(inside, reader))
        case "rich_text_preformatted":
            return tag("pre", "".join(as_text(one.get("text")) or as_text(one.get("url")) for one in inside))
        case "rich_text_list":
            indent = part.get("indent")
            deep = f"in{indent}" if isinstance(indent, int) and indent else None
            name = "ol" if part.get("style") == "ordered" else "ul"
            return tag(name, [tag("li", _part(one, reader)) for one in inside], class_=deep)
        case _:
            return tag("div", _inline(inside, reader), class_="line")


def _inline(elements: list[Json], reader: Reader) -> Html:
    return joined([_styled(one, _element(one, reader)) for one in elements])


def _element(element: Json, reader: Reader) -> Html:
    draw = _INLINE.get(as_text(element.get("type")))
    return draw(element, reader) if draw else plain(as_text(element.get("text")))


def _styled(element: Json, shown: Html) -> Html:
    style = as_object(element.get("style"))
    for name, html in STYLES:
        if style.get(name) is True:
            shown = tag(html, shown)
    return shown


def _link(element: Json, reader: Reader) -> Html:
    url = as_text(element.get("url"))
    return reader.link(url, as_text(element.get("text")) or url)


def _date(element: Json, reader: Reader) -> Html:
    at = element.get("timestamp")
    seconds = float(at) if isinstance(at, int) else 0.0
    return reader.date(seconds, as_text(element.get("format")), as_text(element.get("fallback")))


def _emoji(element: Json, _reader: Reader) -> Html:
    """The code points Slack sends along; without them the name."""
    points = as_text(element.get("unicode"))
    try:
        return joined("".join(chr(int(point, 16)) for point in points.split("-"))) if points else _named(element)
    except ValueError:
        return _named(element)


def _named(element: Json) -> Html:
    return joined(f":{as_text(element.get('name'))}:")


_INLINE: Mapping[str, Callable[[Json, Reader], Html]] = MappingProxyType(
    {
        "link": _link,
        "date": _date,
        "emoji": _emoji,
        "user": lambda element, reader: reader.mention(as_text(element.get("user_id"))),
        "usergroup": lambda element, _: tag("span", f"@{as_text(element.get('usergroup_id'))}", class_="mention"),
        "broadcast": lambda element, _: tag("span", f"@{as_text(element.get('range'))}", class_="mention me"),
        "channel": lambda element, reader: tag(
            "span",
            f"#{reader.channels.get(as_text(element.get('channel_id')), as_text(element.get('channel_id')))}",
            class_="mention",
        ),
        "color": lambda element, _: tag("code", as_text(element.get("value"))),
    }
)
