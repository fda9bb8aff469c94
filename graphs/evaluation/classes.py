"""Answers out of a closed list, against the truth: confusion, precision, recall, F1, accuracy.

Owns the formulas. Knows nothing of tickets: truth and guess are positions in a list of names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphs.evaluation.intervals import RESAMPLES, SEED, Doubles, Figure, Integers, bounded, share
from graphs.model import Value


class ClassFigures(Value):
    """One class. A figure is None where nothing can be said: never guessed, never true."""

    name: str
    support: int
    """Tickets that truly are of it."""
    guessed: int
    precision: Figure | None
    recall: Figure | None
    f1: Figure | None


class Classification(Value):
    """How one closed question was answered."""

    n: int
    accuracy: Figure | None
    macro_f1: Figure | None
    """Mean F1 over the classes that occur in truth or guess."""
    majority: Figure | None
    """Accuracy of always answering the class that is most frequent in this very truth: the baseline to beat."""
    majority_macro_f1: float | None
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    """`confusion[truth][guess]`, in the order of `classes`."""


def classify(truth: Sequence[int], guess: Sequence[int], names: Sequence[str]) -> Classification:
    """Every figure with its interval. The macro-F1's comes from resampling tickets, the shares' from Wilson."""
    table = confusion(truth, guess, len(names))
    n = int(table.sum())
    right = int(np.trace(table))
    largest = int(table.sum(axis=1).max(initial=0))
    f1s = _f1_of(table[None])[0]
    replicates = _replicates(table)
    spread = _f1_of(replicates) if n else np.empty((0, len(names)))
    return Classification(
        n=n,
        accuracy=share(right, n),
        macro_f1=bounded(_macro(table[None])[0], _macro(replicates), n) if n else None,
        majority=share(largest, n),
        majority_macro_f1=round(_majority_f1(table), 4) if n else None,
        classes=tuple(_one_class(name, table, at, float(f1s[at]), spread[:, at]) for at, name in enumerate(names)),
        confusion=tuple(tuple(int(cell) for cell in row) for row in table),
    )


def confusion(truth: Sequence[int], guess: Sequence[int], classes: int) -> Integers:
    """Counts by [truth, guess]."""
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (np.asarray(truth, dtype=np.int64), np.asarray(guess, dtype=np.int64)), 1)
    return table


def macro_f1(truth: Sequence[int], guess: Sequence[int], classes: int) -> float:
    """Mean F1 over the classes that occur in truth or guess; 0 of nothing."""
    return float(_macro(confusion(truth, guess, classes)[None])[0])


def _one_class(name: str, table: Integers, at: int, f1: float, spread: Doubles) -> ClassFigures:
    hits, support, guessed = int(table[at, at]), int(table[at].sum()), int(table[:, at].sum())
    return ClassFigures(
        name=name,
        support=support,
        guessed=guessed,
        precision=share(hits, guessed),
        recall=share(hits, support),
        f1=bounded(f1, spread, support) if support + guessed else None,
    )


def _replicates(table: Integers) -> Integers:
    """Bootstrap of the tickets behind a table: drawing n tickets anew is drawing n cells by their shares."""
    n = int(table.sum())
    if n == 0:
        return table[None]
    drawn = np.random.default_rng(SEED).multinomial(n, (table / n).ravel(), size=RESAMPLES)
    return drawn.reshape(RESAMPLES, *table.shape)


def _f1_of(tables: Integers) -> Doubles:
    """2 tp / (2 tp + fp + fn) of each class of each table; 0 where a class occurs in neither."""
    hits = np.diagonal(tables, axis1=1, axis2=2)
    either = tables.sum(axis=2) + tables.sum(axis=1)
    return np.asarray(np.divide(2.0 * hits, either, out=np.zeros(hits.shape), where=either > 0), dtype=np.float64)


def _macro(tables: Integers) -> Doubles:
    seen = (tables.sum(axis=2) + tables.sum(axis=1)) > 0
    counted = np.maximum(seen.sum(axis=1), 1)
    return np.asarray(_f1_of(tables).sum(axis=1) / counted, dtype=np.float64)


def _majority_f1(table: Integers) -> float:
    totals = table.sum(axis=1)
    always = np.zeros_like(table)
    always[:, int(totals.argmax())] = totals
    return float(_macro(always[None])[0])
