"""The one redactor: takes secrets and personal data out of a text before it goes anywhere.

Owns the order of the rules and the marks. Must not normalise: give it text that `normalise` has seen, or a secret with
an invisible character inside gets through. Equal secrets give equal marks under one salt, so people can still say
"the same key as in the other ticket"; without the salt nothing can be learnt from a mark.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_left
from collections import Counter
from functools import cache

from graphs.hygiene.credentials import IN_CONTEXT
from graphs.hygiene.escapes import unescaped
from graphs.hygiene.personal import PERSONAL
from graphs.hygiene.rule import Rule
from graphs.hygiene.secrets import TOKENS
from graphs.model import Value

_ROUNDS = 8
"""A secret that stood right beside another one is seen only after that one is gone; nearly always two rounds do."""


_Found = tuple[int, int, Rule]


class Redacted(Value):
    text: str
    counts: dict[str, int]
    """How many were replaced, by kind: `github_pat`, `email` ..."""


class Redactor:
    """Pure and safe to share. The salt stays inside: it shows in no representation."""

    __slots__ = ("_salt",)

    def __init__(self, salt: bytes) -> None:
        self._salt = salt

    def redact(self, text: str) -> Redacted:
        """`text` with every secret replaced by a mark such as `[SECRET:github_pat:ab12]`."""
        counts: Counter[str] = Counter()
        for _ in range(_ROUNDS):
            found = _merged(_find(text), _find_escaped(text))
            if not found:
                break
            counts.update(rule.kind for _, _, rule in found)
            text = self._replace(text, found)
        return Redacted(text=text, counts=dict(counts))

    def _replace(self, text: str, found: list[_Found]) -> str:
        parts: list[str] = []
        at = 0
        for start, end, rule in found:
            parts += [text[at:start], self._mark(rule, text[start:end])]
            at = end
        return "".join([*parts, text[at:]])

    def _mark(self, rule: Rule, secret: str) -> str:
        short = hmac.digest(self._salt, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:4]
        return f"[{rule.family}:{rule.kind}:{short}]"


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, the most telling first: where two match the same place, the first one names it."""
    return (*TOKENS, *IN_CONTEXT, *PERSONAL)


def _merged(plain: list[_Found], escaped: list[_Found]) -> list[_Found]:
    """Both in order. Where two overlap everything they cover goes, under the name of the longer one."""
    if not escaped:
        return plain
    merged: list[_Found] = []
    for start, end, rule in sorted([*escaped, *plain], key=lambda one: (one[0], -one[1])):
        if merged and start < merged[-1][1]:
            first, last, name = merged[-1]
            merged[-1] = (first, max(last, end), name if last - first >= end - start else rule)
        else:
            merged.append((start, end, rule))
    return merged


def _find_escaped(text: str) -> list[_Found]:
    """What is to be seen only once escapes are undone. The mark replaces the escaped form."""
    reading = unescaped(text)
    if reading is None:
        return []
    plain, places = reading
    return [(places[start], places[end], rule) for start, end, rule in _find(plain)]


def _find(text: str) -> list[_Found]:
    """What to replace, in order, without overlaps."""
    folded = text.lower()
    starts: list[int] = []
    taken: list[_Found] = []
    for rule in rules():
        if rule.hints and not any(hint in folded for hint in rule.hints):
            continue
        group: int | str = "it" if "it" in rule.pattern.groupindex else 0
        for match in rule.pattern.finditer(text):
            start, end = match.span(group)
            at = bisect_left(starts, start)
            free = (at == 0 or taken[at - 1][1] <= start) and (at == len(taken) or end <= starts[at])
            if free and rule.check(match):
                starts.insert(at, start)
                taken.insert(at, (start, end, rule))
    return taken
