"""The one normaliser of untrusted text: what comes out is what a person can see, with a count of what they could not.

Owns the order of the steps and the promise that a second pass changes nothing. Must not redact or judge.
"""

from __future__ import annotations

import re
from collections import Counter

from graphs.hygiene.characters import compose, fold, strip_hidden
from graphs.hygiene.markup import Stripper
from graphs.model import Value

_ROUNDS = 4
_MOST_READ = 4_000_000
_MOST_REMOVED = 4_000
_BLANK_LINES = re.compile(r"\n{3,}")
_PADDING = re.compile(r"[ \t]{120,}+")
_DATA_URI = re.compile(r"(data:[a-z]{1,20}/[\w.+-]{1,60};base64,)[A-Za-z0-9+/=]{200,}+")
_DEEP_QUOTE = re.compile(r"^((?: {0,3}> ?){8})(?: {0,3}> ?)+", re.MULTILINE)
DATA = "[data]"


class Normalised(Value):
    text: str
    hidden: dict[str, int]
    """How many things were removed, by kind: `zero_width`, `bidi`, `tag_characters`, `html_comment` ..."""
    removed: str
    """What the removed things said, cut: for the detector, never for a model or a card."""
    collapsed: int
    """Folded sections (`<details>`) that stay in the text."""
    truncated: bool


def normalise(text: str, *, max_chars: int) -> Normalised:
    """`text` as people see it, at most `max_chars` long. Idempotent; time grows in line with the length."""
    cut = text[:_MOST_READ]
    counts: Counter[str] = Counter()
    removed: list[str] = []
    truncated, collapsed = len(cut) < len(text), 0
    for _ in range(_ROUNDS):
        before = cut
        stripper = _strip(cut, counts, removed)
        cut, over = _shorten(_tidy(stripper.text), max_chars)
        collapsed, truncated = max(collapsed, stripper.collapsed), truncated or over
        if cut == before:
            break
    else:
        cut, over = _shorten(_tidy(_defuse(cut)), max_chars)
        truncated = truncated or over
    said = "\n".join(one.strip() for one in removed if one.strip())
    return Normalised(
        text=cut, hidden=dict(counts), removed=said[:_MOST_REMOVED], collapsed=collapsed, truncated=truncated
    )


def _strip(text: str, counts: Counter[str], removed: list[str]) -> Stripper:
    visible, hidden, spelled = strip_hidden(fold(text))
    shorter, blobs = _DATA_URI.subn(rf"\1{DATA}", visible)
    stripper = Stripper(compose(shorter))
    counts += hidden
    counts += Counter({"embedded_data": blobs} if blobs else {})
    counts += stripper.counts
    removed += [spelled, *stripper.removed]
    return stripper


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, one blank line at most, no padding that pushes words away, quotes 8 deep."""
    text = _DEEP_QUOTE.sub(r"\1", text)
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _PADDING.sub("    ", _BLANK_LINES.sub("\n\n", lines)).strip("\n").rstrip()


def _shorten(text: str, max_chars: int) -> tuple[str, bool]:
    if len(text) <= max_chars:
        return text, False
    return text[:max_chars].rstrip(), True


def _defuse(text: str) -> str:
    """For text that keeps making new markup out of what is removed: nothing in it is markup any more."""
    for live, dead in (("<", "\u2039"), ("![", "! ["), ("](", "] ("), ("]:", "] :"), ("&", "\uff06")):
        text = text.replace(live, dead)
    return text
