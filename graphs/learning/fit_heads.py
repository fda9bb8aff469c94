"""One linear head from rows of features: how strongly it may follow its examples, and what each block counts.

Owns the recipe's meaning. Which recipe a question has is its own module's choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphs.learning.features import Features, Row
from graphs.learning.fitting import fit_logistic
from graphs.learning.scoring import Head


@dataclass(frozen=True, slots=True)
class Recipe:
    """Scales of the feature blocks, and how strongly a head may follow its examples."""

    scales: dict[str, float]
    strength: float
    balance: float = 0.0
    """How far rare answers are lifted: 0 as they occur, 1 all alike."""


def fit_head(
    rows: Sequence[Row],
    features: Features,
    recipe: Recipe,
    answers: Sequence[int],
    classes: int,
    *,
    extra: int = 0,
    weights: Sequence[float] = (),
) -> Head:
    """One head. A class without an example gets an offset that nothing outweighs."""
    scale = np.concatenate(
        [*(np.full(width, recipe.scales[block]) for block, width in features.widths().items()), np.ones(extra)]
    )
    present = sorted(set(answers))
    times = Counter(answers)
    lift = {one: (len(answers) / len(present) / times[one]) ** recipe.balance for one in present}
    each = np.array([lift[one] for one in answers]) * (np.array(weights) if weights else 1.0)
    slopes, offsets = fit_logistic(
        rows,
        features.size + extra,
        scale,
        [present.index(one) for one in answers],
        (each / each.mean()).tolist(),
        recipe.strength,
    )
    wide, low = np.zeros((len(scale), classes)), np.full(classes, -30.0)
    wide[:, present], low[present] = slopes, offsets
    return Head(slopes=wide.astype(np.float16).astype(np.float32), offsets=low.astype(np.float32))
