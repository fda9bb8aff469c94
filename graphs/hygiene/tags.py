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
    r"|(?:font-size|opacity)\s{0,5}:\s{0,5}0(?![.\d]{0,9}[1-9])"
    r"|(?<![\w-])color\s{0,5}:\s{0,5}(?:transparent|white|#f{3}(?:f{3})?\b)",
    re.IGNORECASE,
)
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


class TagReader:
    """Start tags of one text."""

    def __init__(self, source: str) -> None:
        self._source = source

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
        depth = 1
        for edge in re.compile(rf"<(/?){re.escape(tag.name)}(?=[\s/>])", re.IGNORECASE).finditer(self._source, tag.end):
            depth += -1 if edge[1] else 1
            if depth == 0:
                end = self._source.find(">", edge.end())
                return end + 1 if end >= 0 else len(self._source)
        return len(self._source)


def _tag(name: str, start: int, end: int, attributes: list[tuple[str, str]]) -> Tag:
    style = next((value for key, value in attributes if key == "style"), "")
    hides = name == "template" or any(key == "hidden" for key, _ in attributes) or bool(_HIDING_STYLE.search(style))
    text = " ".join(value for key, value in attributes if key not in _PLUMBING and "://" not in value)
    return Tag(name, start, end, text, hides)
