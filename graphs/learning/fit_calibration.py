"""Fits the voters' shares, the lifts of the layers and the floors of the layer sets on held-out answers.

Owns how: by folds where something is measured, on everything for what is shipped. Isotonic regression and Platt's
sigmoid were tried: no better calibrated over folds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphs.learning.calibration import Bools, Calibration, Doubles, Floats, Ints, softmax
from graphs.learning.fitting import pool

COVERAGE = 0.91
"""One point above what is promised: floors are fitted on one sample and used on another."""
FEWEST = 60
"""With fewer tickets of a group the figure of all of them is used."""
GROUPS = (False, True)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Answers of models that had not seen the ticket's source, a row each."""

    votes: Doubles
    """Scores of each voter, rows x voters x layers."""
    answers: Ints
    rough: Bools
    weights: Doubles
    folds: Ints

    def only(self, chosen: Bools) -> HeldOut:
        return HeldOut(
            votes=self.votes[chosen],
            answers=self.answers[chosen],
            rough=self.rough[chosen],
            weights=self.weights[chosen],
            folds=self.folds[chosen],
        )

    def group(self, *, rough: bool) -> HeldOut:
        chosen = self.rough == rough
        return self.only(chosen) if chosen.sum() >= FEWEST else self


@dataclass(frozen=True, slots=True)
class Pool:
    """Of both groups: shares 2 x voters, lifts 2 x layers."""

    shares: Floats
    lifts: Floats

    def probabilities(self, held: HeldOut) -> Doubles:
        group = held.rough.astype(int)
        return softmax(np.einsum("rv,rvl->rl", self.shares[group], held.votes) + self.lifts[group])


def fit_calibration(held: HeldOut) -> Calibration:
    found = fit_pool(held)
    return Calibration(found.shares, found.lifts, set_floors=_floors(found.probabilities(held), held))


def fit_pool(held: HeldOut) -> Pool:
    groups = [held.group(rough=rough) for rough in GROUPS]
    fitted = [pool(one.votes, one.answers, one.weights) for one in groups]
    return Pool(
        shares=np.array([shares for shares, _ in fitted], dtype=np.float32),
        lifts=np.array([lifts for _, lifts in fitted], dtype=np.float32),
    )


def crossed(held: HeldOut) -> Doubles:
    """Probabilities of each ticket with shares and lifts that were fitted without its fold."""
    found = np.zeros((len(held.votes), held.votes.shape[2]))
    for fold in sorted(set(held.folds.tolist())):
        asked = held.folds == fold
        found[asked] = fit_pool(held.only(~asked)).probabilities(held.only(asked))
    return found


def floors_without(probabilities: Doubles, held: HeldOut, fold: int) -> Floats:
    """The floors of the two groups, fitted without a fold."""
    others = held.folds != fold
    return _floors(probabilities[others], held.only(others))


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
