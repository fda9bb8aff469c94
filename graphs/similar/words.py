"""A text as weighted terms: words, and the parts of names such as `loadIndex` or `doc_store`.

Owns which pieces of a ticket count. Terms are hashed, so there is no vocabulary to grow; two terms that share a number
are rare and cost a little sharpness, never correctness.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BITS = 21
"""Two million terms: a corpus of 100,000 tickets has about half a million."""
BODY_CAP = 3_000
"""Characters of a body that count: what follows is nearly always a log."""
WORD_CAP = 40
LENGTH = 0.8
"""How far a long text is held to the measure of a short one: 1 is the cosine, 0 nothing."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+(?:[._-][^\W_]+)*")
_PART = re.compile(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True)
class Terms:
    """Distinct hashed terms, ascending, with their weights (SMART `lnc` with a gentler norm)."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]


def prose(title: str, body: str) -> str:
    """What counts of a ticket: the title twice, because it says what the body explains."""
    return f"{title}\n{title}\n{_COMMENT.sub(' ', body[: 4 * BODY_CAP])[:BODY_CAP]}"


def terms(text: str) -> Terms:
    """Logarithmic counts over the text's length. Rarity is weighed when a query is asked: the old stay as they are."""
    counts = Counter(map(_hashed, _pieces(text)))
    ids = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
    order = np.argsort(ids)
    raw = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts))[order])
    return Terms(ids=ids[order], weights=(raw / max(float(np.linalg.norm(raw)), 1e-9) ** LENGTH).astype(np.float32))


def _pieces(text: str) -> list[str]:
    found: list[str] = []
    for word in _WORD.findall(text):
        found.append(word[:WORD_CAP].lower())
        parts = _PART.findall(word)
        if len(parts) > 1:
            found += [part.lower() for part in parts if len(part) > 1]
    return found


def _hashed(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass")) >> (32 - BITS)
