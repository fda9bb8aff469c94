"""Groups of words that speak of the same part of an AI product, such as `search` or `secret`.

Owns the matching of `data/concepts.json` against a text. What a group says about a layer is learnt, never set here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

from graphs.learning.grams import words

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_PREFIX_SIZES = range(3, 15)


def shipped_terms() -> dict[str, str]:
    """Group name -> its terms, apart by blanks; a star at the end means any ending, a dash joins a phrase."""
    parsed: object = json.loads((resources.files("graphs.learning") / "data/concepts.json").read_text("utf-8"))
    if not isinstance(parsed, dict):
        raise TypeError("data/concepts.json must be an object of group -> terms")
    return {str(name): str(terms) for name, terms in parsed.items()}


@dataclass(frozen=True, slots=True)
class Concepts:
    """The groups, indexed by what is looked up: exact phrases, beginnings, and Chinese terms found anywhere."""

    names: tuple[str, ...]
    exact: dict[str, tuple[int, ...]]
    begins: dict[str, tuple[int, ...]]
    signs: dict[str, tuple[int, ...]]

    @staticmethod
    def parse(terms: dict[str, str]) -> Concepts:
        exact: dict[str, tuple[int, ...]] = {}
        begins: dict[str, tuple[int, ...]] = {}
        signs: dict[str, tuple[int, ...]] = {}
        for index, listed in enumerate(terms.values()):
            for term in listed.split():
                table = signs if _CJK.search(term) else begins if term.endswith("*") else exact
                key = term if table is signs else " ".join(words(term))
                table[key] = (*table.get(key, ()), index)
        return Concepts(names=tuple(terms), exact=exact, begins=begins, signs=signs)

    def count(self, text: str, found: list[str]) -> Counter[int]:
        """How often each group is spoken of. `found` are the words of `text`."""
        phrases = Counter(found)
        phrases.update(f"{one} {two}" for one, two in pairwise(found))
        phrases.update(f"{one} {two} {three}" for one, two, three in zip(found, found[1:], found[2:], strict=False))
        counts: Counter[int] = Counter()
        for phrase, times in phrases.items():
            for group in self.exact.get(phrase, ()):
                counts[group] += times
            for size in _PREFIX_SIZES:
                if size > len(phrase):
                    break
                # A beginning may not end in the middle of a phrase's first word and then claim the second one too.
                if " " not in phrase or " " in phrase[:size]:
                    for group in self.begins.get(phrase[:size], ()):
                        counts[group] += times
        if _CJK.search(text):
            for sign, groups in self.signs.items():
                for group in groups:
                    counts[group] += text.count(sign)
        return counts
