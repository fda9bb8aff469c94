"""Is an explanation any good? A rubric whose every line a program can check.

Owns the criteria. An explanation is what the approver reads beside a proposal; it is good when its quotes stand in the
ticket, it names the layer it argues for, it says what speaks against it, and it is short. None of this needs a model
to judge, so the same explanation always gets the same marks.
"""

from __future__ import annotations

import re
from enum import StrEnum

from graphs.evaluation.intervals import Figure, share
from graphs.model import Evidence, LayerId, Value

SHORTEST_QUOTE = 8
"""Characters. A shorter quote stands in any ticket."""
MOST_CHARACTERS = 600
"""About a hundred words: what somebody reads before a click."""
MOST_QUOTES = 4


class Criterion(StrEnum):
    HAS_QUOTE = "has_quote"
    """It quotes the ticket at all."""
    QUOTES_EXIST = "quotes_exist"
    """Each quote stands in the ticket word for word, and is long enough to mean something."""
    NAMES_LAYER = "names_layer"
    """It says in words which layer it argues for, and no other layer in its place."""
    SPEAKS_AGAINST = "speaks_against"
    """Where another layer is worth a word, it names that one, or says that it is unsure or on strange ground."""
    SHORT = "short"
    NOTHING_TWICE = "nothing_twice"
    """No quote stands in it twice."""


class Explanation(Value):
    """What an approver reads."""

    text: str
    """All of it, as plain text."""
    evidence: tuple[Evidence, ...]
    layer: LayerId
    """The layer that is proposed."""
    runner_up: LayerId | None
    """The likeliest other layer, where it is likely enough to be named."""


class Marks(Value):
    passed: tuple[Criterion, ...]
    failed: tuple[Criterion, ...]


class RubricFigures(Value):
    n: int
    criteria: dict[Criterion, Figure]
    """Share of explanations that meet each."""
    all_met: Figure | None


_DOUBT = re.compile(
    r"\b(?:against|unsure|could also be|may well be|might be|or else|second(?:ly)? likely|not sure|unlike anything)\b",
    re.IGNORECASE,
)


def mark(explanation: Explanation, title: str, body: str, titles: dict[LayerId, str]) -> Marks:
    """`titles` are the layers in words, as people know them."""
    quotes = [one.text for one in explanation.evidence if one.source == "quote"]
    said = explanation.text.casefold()
    own = titles.get(explanation.layer, explanation.layer).casefold()
    others = [name.casefold() for layer, name in titles.items() if layer != explanation.layer]
    against = titles.get(explanation.runner_up, explanation.runner_up).casefold() if explanation.runner_up else None
    first_other = min((said.find(name) for name in others if name in said), default=len(said) + 1)
    met = {
        Criterion.HAS_QUOTE: bool(quotes),
        Criterion.QUOTES_EXIST: all(_stands(one, title, body) for one in quotes),
        Criterion.NAMES_LAYER: own in said and said.find(own) < first_other,
        Criterion.SPEAKS_AGAINST: against is None or against in said or bool(_DOUBT.search(explanation.text)),
        Criterion.SHORT: 0 < len(explanation.text.strip()) <= MOST_CHARACTERS and len(quotes) <= MOST_QUOTES,
        Criterion.NOTHING_TWICE: len(quotes) == len({" ".join(one.split()).casefold() for one in quotes}),
    }
    return Marks(
        passed=tuple(one for one, good in met.items() if good),
        failed=tuple(one for one, good in met.items() if not good),
    )


def summed(marks: list[Marks]) -> RubricFigures | None:
    """None of nothing."""
    if not marks:
        return None
    figures = {one: share(sum(one in each.passed for each in marks), len(marks)) for one in Criterion}
    return RubricFigures(
        n=len(marks),
        criteria={one: figure for one, figure in figures.items() if figure is not None},
        all_met=share(sum(not each.failed for each in marks), len(marks)),
    )


def _stands(quote: str, title: str, body: str) -> bool:
    return len(quote.strip()) >= SHORTEST_QUOTE and (quote in title or quote in body)
