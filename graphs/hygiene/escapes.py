"""A text as a program would read it: JSON's escapes and percent-encoding undone, with the place each letter came from.

A token right after `\\n` in a log, or inside `%3D...%26`, has no edge to be told by, so the redactor looks at this
reading too. Owns the reading only. Must not replace anything. One level of escaping is undone, however many backslashes
or `25`s it is written with.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\{1,8}(?:u00(?P<wide>[0-7][0-9a-fA-F])|x(?P<byte>[0-7][0-9a-fA-F])|(?P<letter>[nrtbf\"'/]))"
    r"|%(?:25){0,3}(?P<percent>[2-7][0-9a-fA-F]|0[9aAdD])"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}


def unescaped(text: str) -> tuple[str, list[int]] | None:
    """(reading, where each of its characters starts in `text`, and the end); None where nothing is escaped."""
    if not _ESCAPE.search(text):
        return None
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        parts += [text[at : found.start()], _said(found)]
        places += [*range(at, found.start()), found.start()]
        at = found.end()
    parts.append(text[at:])
    places += [*range(at, len(text)), len(text)]
    return "".join(parts), places


def _said(found: re.Match[str]) -> str:
    letter = found["letter"]
    if letter:
        return _LETTERS.get(letter, letter)
    return chr(int(found["wide"] or found["byte"] or found["percent"], 16))
