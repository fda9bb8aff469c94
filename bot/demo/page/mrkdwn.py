"""Slack's mrkdwn as HTML: bold, italics, code, quotes, mentions, links, dates.

Owns the reading of that notation. Everything it does not know comes out as escaped text.
"""

from __future__ import annotations

import re
from html import escape, unescape

from bot.demo.page.reader import Reader
from bot.markup import Html, joined, tag

_PIECE = re.compile(r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>", re.DOTALL)
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
_FIRST, _MOST = 0xE000, 6000
_PLACE = re.compile("[\ue000-\uf8ff]")
_DATE = re.compile(r"!date\^(-?\d{1,12})\^([^|^]*)(?:\^[^|]*)?\|(.*)", re.DOTALL)
_QUOTE = "&gt;"


def mrkdwn(text: str, reader: Reader) -> Html:
    """Pieces whose inside is not formatted stand aside as private characters while the rest is formatted."""
    aside: list[Html] = []

    def put_aside(found: re.Match[str]) -> str:
        if len(aside) >= _MOST:
            return found[0]
        aside.append(_piece(found, reader))
        return chr(_FIRST + len(aside) - 1)

    held = _PIECE.sub(put_aside, _PLACE.sub("", text))
    shown = escape(_plain(held))
    for pattern, name in _STYLES:
        shown = pattern.sub(rf"<{name}>\1</{name}>", shown)
    lines = _quoted(shown)
    return Html(_PLACE.sub(lambda found: aside[ord(found[0]) - _FIRST], lines))


def plain(text: str) -> Html:
    """A plain_text object: its line breaks and nothing else."""
    return joined([[tag("br") if at else None, line] for at, line in enumerate(text.split("\n"))])


def _piece(found: re.Match[str], reader: Reader) -> Html:
    if found["block"]:
        return tag("pre", _plain(found["block"].strip("\n")))
    if found["code"]:
        return tag("code", _plain(found["code"]))
    return _angle(_plain(found["angle"]), reader)


def _angle(inside: str, reader: Reader) -> Html:
    target, _, label = inside.partition("|")
    if date := _DATE.fullmatch(inside):
        return reader.date(float(date[1]), date[2], date[3])
    match target[:1]:
        case "@":
            return reader.mention(target[1:])
        case "#":
            return tag("span", f"#{label or reader.channels.get(target[1:], target[1:])}", class_="mention")
        case "!":
            return tag("span", f"@{label or target[1:]}", class_="mention me")
        case _:
            return reader.link(target, label or target)


def _plain(text: str) -> str:
    """Slack's three entities; anything else that looks like one is text."""
    return re.sub(r"&(?:amp|lt|gt);", lambda found: unescape(found[0]), text)


def _quoted(shown: str) -> str:
    """Lines that begin with `>` become one quote; the other line breaks stay."""
    out: list[str] = []
    quote: list[str] = []
    for line in [*shown.split("\n"), None]:
        if line is not None and line.startswith(_QUOTE):
            quote.append(line.removeprefix(_QUOTE).strip())
            continue
        if quote:
            out.append(f"<blockquote>{'<br>'.join(quote)}</blockquote>")
            quote = []
        if line is not None:
            out.append(line)
    return "<br>".join(out)
