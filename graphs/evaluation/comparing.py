"""Two versions on the same tickets: is one better, or is it chance?

Owns McNemar's test and the paired bootstrap. Pairs are made by ticket id; tickets that only one version saw are left
out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphs.evaluation.classes import macro_f1
from graphs.evaluation.intervals import Figure, Integers, resampled
from graphs.model import Value

SURE = 0.05


class Outcome(Value):
    """One ticket's answer as a report keeps it: enough to compare, and no text."""

    id: str
    truth: str
    guess: str
    confidence: float

    @property
    def right(self) -> bool:
        return self.truth == self.guess


class McNemar(Value):
    """Tickets that exactly one version got right, and how likely a split like this is by chance."""

    only_old: int
    only_new: int
    p_value: float


class Comparison(Value):
    """New minus old, on the tickets both answered."""

    paired: int
    only_in_old: int
    only_in_new: int
    truth_changed: int
    """Tickets whose label differs between the two reports; left out."""
    accuracy: Figure | None
    macro_f1: Figure | None
    mcnemar: McNemar
    moved: tuple[str, ...]
    """Ids of tickets that were right and are wrong now; at most 50."""

    @property
    def verdict(self) -> str:
        """In words, for people."""
        if self.mcnemar.p_value >= SURE:
            return "no difference that chance could not make"
        better = self.mcnemar.only_new > self.mcnemar.only_old
        return "the new version is better" if better else "the new version is worse"


def mcnemar(old: Sequence[bool], new: Sequence[bool]) -> McNemar:
    """Exact two-sided test (Q. McNemar, Psychometrika 12, 1947): of the tickets that one version alone got right, each
    version should have half."""
    from scipy.stats import binomtest

    only_old = sum(one and not other for one, other in zip(old, new, strict=True))
    only_new = sum(other and not one for one, other in zip(old, new, strict=True))
    either = only_old + only_new
    p_value = float(binomtest(only_new, either, 0.5).pvalue) if either else 1.0
    return McNemar(only_old=only_old, only_new=only_new, p_value=round(p_value, 6))


def compare(old: Sequence[Outcome], new: Sequence[Outcome]) -> Comparison:
    before, after = _by_id(old), _by_id(new)
    both = [one for one in before if one in after]
    kept = [one for one in both if before[one].truth == after[one].truth]
    was, now = [before[one] for one in kept], [after[one] for one in kept]
    names = sorted({name for one in (*was, *now) for name in (one.truth, one.guess)})
    place = {name: at for at, name in enumerate(names)}
    truth = np.array([place[one.truth] for one in was], dtype=np.int64)
    guesses = [np.array([place[one.guess] for one in side], dtype=np.int64) for side in (was, now)]

    def accuracy(rows: Integers) -> float:
        first, second = (float((guess[rows] == truth[rows]).mean()) for guess in guesses)
        return second - first

    def f1(rows: Integers) -> float:
        first, second = (macro_f1(truth[rows].tolist(), guess[rows].tolist(), len(names)) for guess in guesses)
        return second - first

    return Comparison(
        paired=len(kept),
        only_in_old=len(before) - len(both),
        only_in_new=len(after) - len(both),
        truth_changed=len(both) - len(kept),
        accuracy=resampled(accuracy, len(kept)),
        macro_f1=resampled(f1, len(kept)),
        mcnemar=mcnemar([one.right for one in was], [one.right for one in now]),
        moved=tuple(one.id for one, later in zip(was, now, strict=True) if one.right and not later.right)[:50],
    )


def _by_id(outcomes: Sequence[Outcome]) -> Mapping[str, Outcome]:
    return {one.id: one for one in outcomes}
