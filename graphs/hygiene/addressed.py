"""Finds text that speaks to a bot or imitates an approval. Advice for a person, nothing more.

Owns the quoting. Must not change, block or score anything: whoever wants to can write around any list, and a ticket
about such an attack is no attack. What keeps a ticket's text from acting is that nothing here obeys text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphs.hygiene.phrases import phrases

MOST_QUOTES, QUOTE_CHARS = 3, 120
_HIDDEN, _DISGUISED = "hidden: ", "disguised: "
_FENCE = re.compile(r"[ >]{0,6}(`{3,}|~{3,})")
_SPAN = re.compile(r"`[^`\n]{1,300}`")
_MENTION = re.compile("[\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\u300c\u300e]\\s{0,2}\\Z")


def addressed(text: str, *, hidden: str = "", disguised: Iterable[str] = ()) -> tuple[str, ...]:
    """Up to three quotes, the hidden ones first. `hidden` is what the normaliser removed; all is redacted text.

    `disguised` are other readings of the text (`graphs.hygiene.decoded`): quoted where the text as it stands is silent.
    Code, and words that the writer put in quotation marks, are taken as talk *about* such text, unless hidden.
    """
    found = [_HIDDEN + quote for quote in _quotes(hidden, QUOTE_CHARS - len(_HIDDEN))]
    found += _quotes(prose(text), QUOTE_CHARS, mentions=False)
    if not found:
        width = QUOTE_CHARS - len(_DISGUISED)
        found = [_DISGUISED + quote for one in disguised for quote in _quotes(one, width, mentions=False)]
    return tuple(dict.fromkeys(found))[:MOST_QUOTES]


def speaks(text: str) -> bool:
    """Whether anything in it is said to a bot, in code too, but not what stands in quotation marks."""
    return bool(_quotes(text, QUOTE_CHARS, mentions=False))


def prose(text: str) -> str:
    """Everything outside code."""
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        else:
            lines.append(line)
    return _SPAN.sub(" ", "\n".join(lines))


def _quotes(text: str, width: int, *, mentions: bool = True) -> list[str]:
    folded = text.lower()
    hits: list[tuple[int, int]] = []
    for hints, pattern in phrases():
        if not any(hint in folded for hint in hints):
            continue
        found = (hit.span() for hit in pattern.finditer(text))
        first = next(
            (span for span in found if mentions or not _MENTION.search(text, max(0, span[0] - 4), span[0])), None
        )
        if first:
            hits.append(first)
    return [_quote(text, start, end, width) for start, end in sorted(hits)[:MOST_QUOTES]]


def _quote(text: str, start: int, end: int, width: int) -> str:
    """The match with the words around it, on one line."""
    spare = max(0, width - (end - start)) // 2
    return " ".join(text[max(0, start - spare) : end + spare].split())[:width]
