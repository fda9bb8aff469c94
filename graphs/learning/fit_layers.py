"""The two heads for layers, and what they say of tickets whose repository they never saw.

Owns what was chosen by measuring over such folds: block scales, strength, how much each sort of example counts, and the
mix of layers that real tickets are assumed to come in.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphs.learning.calibration import Doubles
from graphs.learning.corpus import DEFAULT_LAYERS, Example, Sureness
from graphs.learning.features import Features, Pieces, Row, Vectors
from graphs.learning.fit_calibration import HeldOut
from graphs.learning.fit_heads import Recipe, fit_head
from graphs.learning.fit_words import fit_features, pieces_of, reading_of
from graphs.learning.scoring import Head, TwoHeads

FOLDS = 5
LAYER_RECIPE = Recipe(
    scales={
        "words": 1.0,
        "chars": 2.0,
        "title": 0.0,
        "vectors": 1.0,
        "concepts": 0.5,
        "shape": 0.0,
        "marks": 0.0,
        "opening": 0.0,
        "forms": 0.0,
    },
    strength=1.2,
    balance=0.3,
)
NATURAL = (0.04, 0.60, 0.11, 0.09, 0.16)
"""The mix of layers assumed of real tickets. Random samples of two sets of public issues have 0.51 and 0.70 of the
largest layer: this is between them."""
REAL_WEIGHT_PLAIN = 0.15
"""Of a real ticket for the head for plain notes: more, and it answers notes worse."""
REAL_WEIGHT_ROUGH = 2.0
SECOND_SHARE = {Sureness.HIGH: 0.1, Sureness.MEDIUM: 0.3, Sureness.LOW: 0.4}
"""How much of a real ticket teaches the layer that its labeller nearly chose."""


def folds_of(examples: Sequence[Example], turn: int = 0) -> list[int]:
    """A fold per example: a repository stays whole, large ones go first into the emptiest fold; seeds (-1) train.

    Another `turn` deals the repositories out in another order.
    """
    sizes = Counter(one.source for one in examples if one.source)
    shuffled = sorted(sizes, key=lambda source: hashlib.sha256(f"{turn}:{source}".encode()).digest())
    load, chosen = [0] * FOLDS, {"": -1}
    for source in sorted(shuffled, key=lambda source: -sizes[source]):
        fold = load.index(min(load))
        chosen[source], load[fold] = fold, load[fold] + sizes[source]
    return [chosen[one.source] for one in examples]


def natural_weights(examples: Sequence[Example]) -> list[float]:
    """What brings the real examples to the assumed mix; 1 for all others."""
    real = Counter(layer_of(one) for one in examples if one.origin == "real")
    total = sum(real.values())
    return [NATURAL[layer_of(one)] * total / real[layer_of(one)] if one.origin == "real" else 1.0 for one in examples]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a head is taught: which example stands for which layer, and how much."""

    at: list[int]
    answers: list[int]
    weights: list[float]

    @staticmethod
    def of(examples: Sequence[Example], real_weight: float, *, invented: bool) -> Lessons:
        """Without `invented` no ticket that was written after no issue teaches.

        Half the way to the natural mix, or the rare layers are never said.
        """
        found = Lessons([], [], [])
        for at, (one, natural) in enumerate(zip(examples, natural_weights(examples), strict=True)):
            if one.invented and not invented:
                continue
            weight = real_weight * math.sqrt(natural) if one.origin == "real" else 1.0
            share = SECOND_SHARE[one.sureness] if one.second else 0.0
            found.add(at, layer_of(one), weight * (1 - share))
            if one.second:
                found.add(at, DEFAULT_LAYERS.index(one.second), weight * share)
        return found

    def add(self, at: int, answer: int, weight: float) -> None:
        self.at.append(at)
        self.answers.append(answer)
        self.weights.append(weight)


@dataclass(frozen=True, slots=True)
class LayerFit:
    features: Features
    heads: TwoHeads

    def scores(self, found: Pieces, *, rough: bool) -> Doubles:
        return self.heads.of(rough=rough).scores(self.features.row_of(found))


def fit_layers(examples: Sequence[Example], vectors: Vectors, plain: Sequence[Example] = ()) -> LayerFit:
    features = fit_features(examples, vectors, plain)
    rows = [features.row_of(pieces_of(one)) for one in examples]
    notes = Lessons.of(examples, REAL_WEIGHT_PLAIN, invented=True)
    tickets = Lessons.of(examples, REAL_WEIGHT_ROUGH, invented=False)
    head = _head(features, rows, notes)
    return LayerFit(features, TwoHeads(head, rough=_head(features, rows, tickets) if tickets.at else head))


def _head(features: Features, rows: Sequence[Row], lessons: Lessons) -> Head:
    return fit_head(
        [rows[at] for at in lessons.at],
        features,
        LAYER_RECIPE,
        lessons.answers,
        len(DEFAULT_LAYERS),
        weights=lessons.weights,
    )


def out_of_fold(asked: Sequence[Example], always: Sequence[Example], vectors: Vectors, turn: int = 0) -> Doubles:
    """Layer scores of each asked example by a model that saw no ticket of its repository.

    `always` are further examples that every fold trains on, but for repositories it is asked about.
    """
    folds = folds_of(asked, turn)
    scores = np.zeros((len(asked), len(DEFAULT_LAYERS)))
    for fold in range(FOLDS):
        held = {one.source for one, at in zip(asked, folds, strict=True) if at == fold}
        fitted = fit_layers([one for one in (*asked, *always) if one.source not in held], vectors)
        for at, one in enumerate(asked):
            if folds[at] == fold:
                scores[at] = fitted.scores(pieces_of(one), rough=reading_of(one).rough)
    return scores


def held_out(asked: Sequence[Example], always: Sequence[Example], vectors: Vectors, turn: int = 0) -> HeldOut:
    """What calibration is fitted on and measured with."""
    return HeldOut(
        votes=out_of_fold(asked, always, vectors, turn)[:, None, :],
        answers=np.array([layer_of(one) for one in asked]),
        rough=np.array([reading_of(one).rough for one in asked]),
        weights=np.array(natural_weights(asked)),
        folds=np.array(folds_of(asked, turn)),
    )


def layer_of(one: Example) -> int:
    """Its place among the layers. An example without one cannot teach layers: `ValueError`."""
    if one.layer is None:
        raise ValueError("an example without a layer cannot teach layers")
    return DEFAULT_LAYERS.index(one.layer)
