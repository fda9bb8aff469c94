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
from graphs.hygiene.personal import PERSONAL
from graphs.hygiene.rule import Rule
from graphs.hygiene.secrets import TOKENS
from graphs.model import Value

_ROUNDS = 8
"""A secret that stood right beside another one is seen only after that one is gone; nearly always two rounds do."""


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
            found = _find(text)
            if not found:
                break
            counts.update(rule.kind for _, _, rule in found)
            text = self._replace(text, found)
        return Redacted(text=text, counts=dict(counts))

    def _replace(self, text: str, found: list[tuple[int, int, Rule]]) -> str:
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


def _find(text: str) -> list[tuple[int, int, Rule]]:
    """What to replace, in order, without overlaps."""
    folded = text.lower()
    starts: list[int] = []
    taken: list[tuple[int, int, Rule]] = []
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
