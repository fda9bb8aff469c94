"""From what a head says to how often it is right, and to a set of layers that holds the right one.

Owns the serving half: reading of fitted figures, no fitting. Two of each: tickets with forms, logs and links are
harder than plain notes, and one figure would promise too much for the one and too little for the other.

Layer set: LAC, the least ambiguous set (Sadinle, Lei and Wasserman 2019): every layer whose probability is at least
the floor that the right layer reached in all but a tenth of the held-out tickets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PLAIN, ROUGH = 0, 1
WIDEST = 3
"""A set of more layers than this narrows nothing down: the engine then abstains."""


@dataclass(frozen=True, slots=True)
class Calibration:
    temperatures: Floats
    """2: what the head's scores are divided by; above 1 where it is too sure of itself."""
    set_floors: Floats
    """2: the least probability of a layer in the set."""

    def probabilities(self, scores: Doubles, *, rough: bool) -> Doubles:
        """Sums to 1; the order of the layers stays as the head has it."""
        return softmax(scores / float(self.temperatures[ROUGH if rough else PLAIN]))

    def layer_set(self, probabilities: Doubles, *, rough: bool) -> tuple[int, ...]:
        """Indices of the layers in the set, likeliest first; never empty."""
        order = np.argsort(-probabilities, kind="stable")
        floor = self.set_floors[ROUGH if rough else PLAIN]
        return tuple(int(at) for at in order if at == order[0] or probabilities[at] >= floor)


def softmax(scores: Doubles) -> Doubles:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float64)
