"""Ranked answers: owners and duplicates.

Owns hit rates and the mean reciprocal rank. Ids are opaque.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from graphs.evaluation.intervals import Figure, mean, share
from graphs.model import Value


class Ranking(Value):
    """Questions whose right answers are known, each with a ranked list of guesses."""

    n: int
    hits: dict[int, Figure]
    """Share of questions with a right answer among the first k, by k."""
    reciprocal_rank: Figure | None
    """Mean of 1 / rank of the first right answer; 0 where none is in the list."""
    reachable: Figure | None = None
    """Share of questions that could be answered at all, where that is known."""


def ranked(
    guesses: Sequence[Sequence[str]], truths: Sequence[Collection[str]], at: Sequence[int] = (1, 3, 5, 10)
) -> Ranking | None:
    """None without a question."""
    if not truths:
        return None
    ranks = [_rank(guess, truth) for guess, truth in zip(guesses, truths, strict=True)]
    figures = {k: share(sum(rank is not None and rank <= k for rank in ranks), len(ranks)) for k in at}
    return Ranking(
        n=len(ranks),
        hits={k: figure for k, figure in figures.items() if figure is not None},
        reciprocal_rank=mean(np.array([1 / rank if rank else 0.0 for rank in ranks])),
    )


def _rank(guess: Sequence[str], truth: Collection[str]) -> int | None:
    return next((at for at, one in enumerate(guess, 1) if one in truth), None)
