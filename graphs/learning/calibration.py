"""From what the voters say to how often they are right, and to a set of layers that holds the right one.

Owns the serving half: reading of fitted figures, no fitting. Two of each: tickets with forms, logs and links are
harder than plain notes and come in another mix of layers, and one figure would promise too much for the one and too
little for the other.

A logarithmic opinion pool (Genest and Zidek 1986) with bias-corrected temperatures (Alexandari, Kundaje and Shrikumar
2020): softmax of (sum over voters of share * scores + lift of the layer). With one voter the share is one over the
temperature. The lifts hold the mix of layers that is assumed of the tickets to come (`fit_layers.NATURAL`).

Adapting to the mix of the tickets at hand as well (Saerens, Latinne and Decaestecker 2002: expectation maximisation
over unlabelled tickets, held towards the assumed mix by 10 to 1,000 made-up ones) was tried and left out: on batches of
200 with 70 % of one layer it won up to 5 points of accuracy before there were lifts, and lost up to 11 points of
macro-F1 and 2 to 4 points on balanced tickets.

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
    shares: Floats
    """2 x voters: what each voter's scores are multiplied by; less than it would like where it is too sure."""
    lifts: Floats
    """2 x layers: added to the scores of each layer."""
    set_floors: Floats
    """2: the least probability of a layer in the set."""

    def probabilities(self, votes: Doubles, *, rough: bool) -> Doubles:
        """`votes` are voters x layers, scores before any softmax. Sums to 1."""
        group = ROUGH if rough else PLAIN
        return softmax(self.shares[group] @ votes + self.lifts[group])

    def layer_set(self, probabilities: Doubles, *, rough: bool) -> tuple[int, ...]:
        """Indices of the layers in the set, likeliest first; never empty."""
        order = np.argsort(-probabilities, kind="stable")
        floor = self.set_floors[ROUGH if rough else PLAIN]
        return tuple(int(at) for at in order if at == order[0] or probabilities[at] >= floor)


def softmax(scores: Doubles) -> Doubles:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float64)
