"""The same question for parts of the tickets: is the engine worse for some people than for others?

Owns the parts and the test. A slice that differs from the rest more than chance would make it is marked; the tests of
all slices share one false discovery rate (Y. Benjamini and Y. Hochberg, JRSS B 57, 1995).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from graphs.evaluation.cases import Case
from graphs.evaluation.intervals import Figure, share
from graphs.model import Value

SHORT, LONG = 300, 1_500
"""Characters of title and body. A third of real issues lies under the first, a quarter over the second."""
SMALLEST = 10
"""Smaller slices are not shown: their interval would span everything."""
RATE = 0.05


class Slice(Value):
    by: str
    name: str
    accuracy: Figure
    rest: Figure
    """Accuracy of all other tickets."""
    p_value: float
    """Fisher's exact test that both are alike, corrected for the number of slices."""

    @property
    def differs(self) -> bool:
        return self.p_value < RATE


def sliced(cases: Sequence[Case], right: Sequence[bool]) -> tuple[Slice, ...]:
    """Slices with at least `SMALLEST` tickets, beside at least as many others; none where all tickets are alike."""
    found: list[tuple[str, str, list[bool], list[bool]]] = []
    for by, name_of in _SLICES.items():
        members: defaultdict[str, list[int]] = defaultdict(list)
        for at, case in enumerate(cases):
            if name := name_of(case):
                members[name].append(at)
        for name, rows in sorted(members.items()):
            chosen = set(rows)
            inside = [right[at] for at in rows]
            outside = [right[at] for at in range(len(cases)) if at not in chosen]
            if len(inside) >= SMALLEST and len(outside) >= SMALLEST:
                found.append((by, name, inside, outside))
    return _tested(found)


def _tested(found: list[tuple[str, str, list[bool], list[bool]]]) -> tuple[Slice, ...]:
    from scipy.stats import false_discovery_control, fisher_exact

    if not found:
        return ()
    chances = [
        float(fisher_exact([[sum(one), len(one) - sum(one)], [sum(other), len(other) - sum(other)]]).pvalue)
        for _, _, one, other in found
    ]
    corrected = false_discovery_control([min(1.0, one) for one in chances])
    slices = []
    for (by, name, inside, outside), p_value in zip(found, corrected, strict=True):
        accuracy, rest = share(sum(inside), len(inside)), share(sum(outside), len(outside))
        if accuracy is not None and rest is not None:
            slices.append(Slice(by=by, name=name, accuracy=accuracy, rest=rest, p_value=round(float(p_value), 4)))
    return tuple(slices)


def length_of(case: Case) -> str:
    size = len(case.title) + len(case.body)
    return f"under {SHORT} characters" if size < SHORT else f"over {LONG:,}" if size > LONG else f"{SHORT} to {LONG:,}"


def script_of(case: Case) -> str:
    """The writing system of most letters: a language is not guessed, what letters are can be seen."""
    counted: defaultdict[str, int] = defaultdict(int)
    for letter in f"{case.title} {case.body}"[:2_000]:
        if letter.isalpha():
            counted[_script(letter)] += 1
    return max(counted, key=lambda one: counted[one]) if counted else ""


def _script(letter: str) -> str:
    if letter.isascii():
        return "Latin"
    first = unicodedata.name(letter, "other").split()[0]
    if first in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"):
        return "CJK"
    return first.capitalize()


_SLICES: Mapping[str, Callable[[Case], str]] = {
    "language": lambda case: case.language,
    "script": script_of,
    "length": length_of,
    "reporter": lambda case: case.reporter,
    "origin": lambda case: case.origin,
    "tracker": lambda case: case.tracker,
    "difficulty": lambda case: case.difficulty,
}
