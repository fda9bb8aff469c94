"""What a rule of the redactor is: when to look, what to look for, what to check.

Owns the shape of rules and the measures that several rules share. Must not hold any rule.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    SECRET = "SECRET"  # noqa: S105  # a word, not one of them
    """Gives access to something."""
    PRIVATE = "PRIVATE"
    """Says something about a person."""


Check = Callable[[re.Match[str]], bool]


def always(_: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    kind: str
    hints: tuple[str, ...]
    """Lower-case words; a text without any of them is not searched. Empty: always searched."""
    pattern: re.Pattern[str]
    """Replaces the group `it` where there is one, else the whole match."""
    check: Check = always
    family: Family = Family.SECRET


LEFT, RIGHT = r"(?<![A-Za-z0-9-])", r"(?![A-Za-z0-9-]|_[A-Za-z0-9])"
"""Edges of a token. An underscore may stand before it (Markdown's emphasis, `KEY_` and a value) and at its end."""


def token(kind: str, *shapes: str, hints: tuple[str, ...], check: Check = always) -> Rule:
    """A rule for tokens that can be told by how they look."""
    return Rule(kind, hints, re.compile(f"{LEFT}(?:{'|'.join(shapes)}){RIGHT}"), check)


def near(kind: str, words: str, shape: str, hints: tuple[str, ...], check: Check = always) -> Rule:
    """A rule for values that look like nothing special: only right after one of the `words`, on the same line."""
    lead = (
        rf"(?i:(?:{words})(?![A-Za-z0-9])[\w .\-]{{0,30}}\\{{0,3}}[\"']?\s{{0,5}}"
        rf"(?:=>|:=|[=:>\uff1a]|\bis\b)\s{{0,5}}(?:\[\s{{0,3}})?)\\{{0,3}}[\"'`]?"
    )
    return Rule(kind, hints, re.compile(rf"{lead}(?!(?:SECRET|PRIVATE):)(?P<it>{shape})(?![A-Za-z0-9_])"), check)


def entropy(text: str) -> float:
    """Shannon entropy in bits per character: 0 for `aaaa`, near 5 for 40 random letters and digits."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def mixed(text: str) -> bool:
    """Letters together with digits: words are not, random keys are."""
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)


def value(match: re.Match[str]) -> str:
    """What the rule would replace."""
    return match["it"] if "it" in match.re.groupindex else match[0]


_PLACEHOLDER = re.compile(
    r"(?i)x{4,}|\*{3,}|\.{3,}|[#_-]{4,}|your|example|sample|dummy|fake|placeholder|changeme|change-me|replace|redacted|insert"
    r"|masked|hidden|secret$|^(?:test|foo|bar|none|null|true|false|undefined|password|passwd|default|string|xxx)"
    r"|\[(?:SECRET|PRIVATE):|1234567|abcdef|0000000|deadbeef|\$\{|\$[A-Za-z(]|\{\{|%[A-Za-z(]|process\.env|getenv|environ|os\.|secrets\.|config\."
)


def placeholder(text: str) -> bool:
    """What people write in place of a secret."""
    return _PLACEHOLDER.search(text) is not None


def random_looking(match: re.Match[str]) -> bool:
    found = value(match)
    return mixed(found) and not placeholder(found) and entropy(found) >= min(3.0, math.log2(len(found)) * 0.75)
