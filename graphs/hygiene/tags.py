"""Reads HTML start tags out of untrusted text: where one ends, what its attributes say, whether it hides its content.

Owns the syntax of tags. Must not decide what happens to them. Never backtracks, and a half tag costs little: reading
stops at the next `<` outside quotation marks, so no stretch of text is read more than once for each kind of mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_START = re.compile(r"<([A-Za-z][A-Za-z0-9-]{0,40}+)(?=[\s/>])")
_ATTRIBUTE = re.compile(
    r"""\s++([A-Za-z_:@][\w.:@-]{0,80}+)(?:\s{0,20}+=\s{0,20}+("[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?""", re.ASCII
)
_END = re.compile(r"\s*+/?>")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_HIDING_STYLE = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}(?:hidden|collapse)"
    r"|(?:font-size|opacity)\s{0,5}:\s{0,5}0(?![.\d]{0,9}[1-9])|font-size\s{0,5}:\s{0,5}[0-2](?:\.\d{0,9})?p[xt]"
    r"|(?<![\w-])(?:-webkit-text-fill-)?color\s{0,5}:\s{0,5}(?:transparent|white|#f{3}(?:f{3})?\b|rgba\([^()]{0,40},\s{0,5}0?\.?0{1,3}\))"
    # out of the page, squeezed to nothing, clipped away
    r"|(?<![\w-])(?:left|right|top|bottom|text-indent|margin(?:-left|-top)?)\s{0,5}:\s{0,5}-\d{3,9}"
    r"|(?<![\w-])(?:max-)?(?:height|width)\s{0,5}:\s{0,5}0(?![.\d]{0,9}[1-9%])"
    r"|clip(?:-path)?\s{0,5}:\s{0,5}(?:rect\(\s{0,5}0|inset\((?:50|100)%|circle\(0)"
    r"|(?:transform\s{0,5}:\s{0,5}|(?<![\w-]))scale\s{0,5}[:(]\s{0,5}0(?![.\d]{0,9}[1-9])",
    re.IGNORECASE,
)
_SAME_COLOUR = re.compile(
    r"(?<![\w-])color\s{0,5}:\s{0,5}([#\w]{3,20})\s{0,5};(?:[^;]{0,200};){0,9}?\s{0,5}background(?:-color)?\s{0,5}:\s{0,5}\1\b"
    r"|background(?:-color)?\s{0,5}:\s{0,5}([#\w]{3,20})\s{0,5};(?:[^;]{0,200};){0,9}?\s{0,5}color\s{0,5}:\s{0,5}\2\b",
    re.IGNORECASE,
)
_WHITE = re.compile(r"(?:white|transparent|#?f{3}(?:f{3})?)\Z", re.IGNORECASE)
_NEVER_SHOWN = frozenset(
    {"script", "style", "title", "desc", "metadata", "noscript", "noembed", "noframes", "datalist"}
)
"""Their content is not drawn. People also write of them in prose, so they count only with an end tag."""
_PLUMBING = frozenset(
    {"style", "class", "d", "points", "viewbox", "srcset", "sizes", "transform", "rel", "sandbox", "allow"}
)


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    """Lower case."""
    start: int
    end: int
    text: str
    """Everything its attributes say that a reader of the page does not see."""
    hides: bool
    """What is between it and its end tag is not shown."""
    needs_end: bool = False
    """It hides only where an end tag follows: without one it is a word about the element."""


class TagReader:
    """Start tags of one text."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._endless: set[str] = set()

    def read(self, start: int) -> Tag | None:
        """The start tag at `start`, or None where there is only a `<`."""
        opening = _START.match(self._source, start)
        if opening is None:
            return None
        at = opening.end()
        attributes: list[tuple[str, str]] = []
        while found := _ATTRIBUTE.match(self._source, at):
            attributes.append((found[1].lower(), (found[2] or "").strip("\"'")))
            at = found.end()
        end = _END.match(self._source, at)
        return _tag(opening[1].lower(), start, end.end(), attributes) if end else None

    def close(self, tag: Tag) -> int:
        """Where the element ends: after its end tag, or at the end of the text if it is never closed."""
        if tag.name in _VOID or self._source[tag.end - 2 : tag.end] == "/>":
            return tag.end
        if tag.needs_end:
            return self._first_end(tag)
        depth = 1
        for edge in re.compile(rf"<(/?){re.escape(tag.name)}(?=[\s/>])", re.IGNORECASE).finditer(self._source, tag.end):
            depth += -1 if edge[1] else 1
            if depth == 0:
                end = self._source.find(">", edge.end())
                return end + 1 if end >= 0 else len(self._source)
        return len(self._source)

    def _first_end(self, tag: Tag) -> int:
        """As browsers read such elements: up to the first end tag. Right after the start tag where there is none."""
        if tag.name in self._endless:
            return tag.end
        ending = re.compile(rf"</{re.escape(tag.name)}\s{{0,20}}>", re.IGNORECASE).search(self._source, tag.end)
        if ending is None:
            self._endless.add(tag.name)
            return tag.end
        return ending.end()


def _tag(name: str, start: int, end: int, attributes: list[tuple[str, str]]) -> Tag:
    held = dict(reversed(attributes))  # of two with one name the first one counts
    style = held.get("style", "")
    unshown = name in _NEVER_SHOWN or (name == "dialog" and "open" not in held)
    hides = name == "template" or "hidden" in held or _hides_by_style(style)
    hides = hides or (name == "font" and bool(_WHITE.match(held.get("color", ""))))
    hides = hides or (name == "svg" and "0" in {held.get("width"), held.get("height")})
    text = " ".join(value for key, value in attributes if key not in _PLUMBING and "://" not in value)
    return Tag(name, start, end, text, hides or unshown, needs_end=unshown and not hides)


def _hides_by_style(style: str) -> bool:
    return bool(_HIDING_STYLE.search(style) or _SAME_COLOUR.search(style))
