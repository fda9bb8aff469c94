"""What speaks for each candidate, as numbers: one row for each owner, one column for each feature.

Owns the features' names, order and formulas; fitting and ranking share them. Logarithms of shares, because what counts
is how much more of the evidence one person has than another, whatever the size of the project.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.ranking.history import View

NAMES = ("text", "recent", "self", "self_known", "reporter")
NEAREST = 20
HALF_LIFE_DAYS = 90.0

Floats = NDArray[np.float64]


def features(view: View) -> Floats:
    """Shape (owners, `NAMES`)."""
    decay = np.exp2(-(view.age - view.age.min()) / HALF_LIFE_DAYS)
    recent = _share(view.summed(decay))
    is_self = np.array([owner == view.asked.author for owner in view.owners], dtype=np.float64)
    return np.column_stack(
        [
            np.log(_share(view.summed(nearest(view, decay))) + 0.02),
            np.log(recent + 0.01),
            is_self,
            is_self * np.log1p(view.authored),
            _reporter(view, recent),
        ]
    )


def nearest(view: View, decay: Floats) -> Floats:
    """Weight of each row's likeness: squared, decayed, the nearest `NEAREST` only."""
    weight = view.alike**2 * decay
    if len(weight) > NEAREST:
        weight = np.where(weight >= np.partition(weight, -NEAREST)[-NEAREST], weight, 0.0)
    return weight


def _reporter(view: View, prior: Floats) -> Floats:
    """How much more often than others' this reporter's tickets went to each owner; 0 for a new reporter."""
    if not view.by_author.any():
        return np.zeros(len(view.owners))
    taken = view.summed(view.by_author.astype(np.float64))
    return np.asarray(np.log((taken + 2 * prior) / (taken.sum() + 2) / (prior + 0.01) + 0.05))


def _share(weights: Floats) -> Floats:
    return weights / max(float(weights.sum()), 1e-9)
