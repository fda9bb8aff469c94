"""Fits temperatures and the floors of the layer sets on held-out answers.

Owns how: by folds where something is measured, on everything for what is shipped. Isotonic regression and Platt's
sigmoid were tried: no better calibrated over folds, and they change which layer comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphs.learning.calibration import Bools, Calibration, Doubles, Floats, Ints
from graphs.learning.fitting import temperature

COVERAGE = 0.91
"""One point above what is promised: floors are fitted on one sample and used on another."""
FEWEST = 60
"""With fewer tickets of a group the figure of all of them is used."""
GROUPS = (False, True)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Answers of models that had not seen the ticket's source, a row each."""

    scores: Doubles
    """Of the head, rows x layers."""
    answers: Ints
    rough: Bools
    weights: Doubles
    folds: Ints

    def only(self, chosen: Bools) -> HeldOut:
        return HeldOut(
            scores=self.scores[chosen],
            answers=self.answers[chosen],
            rough=self.rough[chosen],
            weights=self.weights[chosen],
            folds=self.folds[chosen],
        )

    def group(self, *, rough: bool) -> HeldOut:
        chosen = self.rough == rough
        return self.only(chosen) if chosen.sum() >= FEWEST else self


def fit_calibration(held: HeldOut) -> Calibration:
    cooled = _temperatures(held)
    return Calibration(temperatures=cooled, set_floors=_floors(calibrated(held, cooled), held))


def calibrated(held: HeldOut, temperatures: Floats) -> Doubles:
    found = Calibration(temperatures=temperatures, set_floors=np.zeros(2, dtype=np.float32))
    rows = [found.probabilities(one, rough=bool(rough)) for one, rough in zip(held.scores, held.rough, strict=True)]
    return np.array(rows)


def crossed(held: HeldOut) -> Doubles:
    """Probabilities of each ticket with temperatures that were fitted without its fold."""
    found = np.zeros_like(held.scores)
    for fold in sorted(set(held.folds.tolist())):
        asked = held.folds == fold
        found[asked] = calibrated(held.only(asked), _temperatures(held.only(~asked)))
    return found


def floors_without(probabilities: Doubles, held: HeldOut, fold: int) -> Floats:
    """The floors of the two groups, fitted without a fold."""
    others = held.folds != fold
    return _floors(probabilities[others], held.only(others))


def _temperatures(held: HeldOut) -> Floats:
    groups = [held.group(rough=rough) for rough in GROUPS]
    return np.array([temperature(one.scores, one.answers.tolist(), one.weights) for one in groups], dtype=np.float32)


def _floors(probabilities: Doubles, held: HeldOut) -> Floats:
    reached = probabilities[np.arange(len(held.answers)), held.answers]
    floors = []
    for rough in GROUPS:
        few = (held.rough == rough).sum() < FEWEST
        chosen = np.ones(len(reached), dtype=np.bool_) if few else held.rough == rough
        floors.append(_reached_by_most(reached[chosen], held.weights[chosen]))
    return np.array(floors, dtype=np.float32)


def _reached_by_most(reached: Doubles, weights: Doubles) -> float:
    """The largest floor that `COVERAGE` of the weight reaches, counting the ticket that is still to come."""
    order = np.argsort(-reached, kind="stable")
    share = np.cumsum(weights[order]) / (weights.sum() + weights.mean())
    return float(reached[order][min(len(order) - 1, int(np.searchsorted(share, COVERAGE)))])
