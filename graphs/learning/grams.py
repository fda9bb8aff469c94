"""Words and n-grams of a text.

Owns how text becomes countable pieces; training and running share it, so they cannot drift apart. Must not know any
vocabulary or weight.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

WORD_CAP = 24
"""Longer tokens are hashes, paths and base64: their beginning is enough."""
CHAR_SIZES = (3, 4, 5)

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words; Chinese and Japanese signs are one word each, so pairs of them become word pairs."""
    return [word[:WORD_CAP] for word in _WORD.findall(text.lower())]


def word_grams(found: list[str]) -> Counter[str]:
    """Single words and pairs of neighbours."""
    counts = Counter(found)
    counts.update(f"{one} {two}" for one, two in pairwise(found))
    return counts


def char_grams(found: list[str]) -> Counter[str]:
    """Pieces of words with their borders marked by a blank; they see through endings, typing errors and compounds."""
    counts: Counter[str] = Counter()
    for word, times in Counter(found).items():
        if len(word) < CHAR_SIZES[0] - 1:
            continue
        padded = f" {word} "
        for size in CHAR_SIZES:
            for start in range(len(padded) - size + 1):
                counts[padded[start : start + size]] += times
    return counts
