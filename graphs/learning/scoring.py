"""The trained model: features and three linear heads, for layer, kind and role.

Owns the arithmetic of an answer. Must not know where weights come from or how a ticket reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.learning.calibration import Calibration, softmax
from graphs.learning.features import Features, Floats, Row

Doubles = NDArray[np.float64]


SECOND_DOUBT = 0.2
MIN_SECOND = 0.076
"""Chosen on held-out written tickets: which layers go together says more than their probabilities."""


@dataclass(frozen=True, slots=True)
class Head:
    """One question with a fixed list of answers. A `temperature` above 1 makes it less sure of itself."""

    slopes: Floats
    offsets: Floats
    temperature: float = 1.0

    def scores(self, row: Row) -> Doubles:
        return np.asarray(row.value @ self.slopes[row.index] + self.offsets, dtype=np.float64)

    def probabilities(self, row: Row) -> Doubles:
        return softmax(self.scores(row) / self.temperature)


@dataclass(frozen=True, slots=True)
class TwoHeads:
    """One question asked of two sorts of text that have little in common."""

    plain: Head
    """For notes."""
    rough: Head
    """For tickets as trackers have them, with forms, logs and links; it never learnt from short written ones."""

    def of(self, *, rough: bool) -> Head:
        return self.rough if rough else self.plain


@dataclass(frozen=True, slots=True, weakref_slot=True)
class LexicalModel:
    """Everything that is learnt. The role head also reads what the others answered."""

    features: Features
    layers: tuple[str, ...]
    layer: TwoHeads
    kind: TwoHeads
    role: Head
    calibration: Calibration
    together: Floats
    """Layers x layers: how often a written ticket of the one must change the other too."""

    def seconds(self, layers: Doubles) -> tuple[int, ...]:
        """Indices of at most two further layers that must change too, likeliest first."""
        weighed = self.together[int(layers.argmax())] * (layers + SECOND_DOUBT)
        order = np.argsort(-weighed, kind="stable")[:2]
        return tuple(int(at) for at in order if weighed[at] >= MIN_SECOND)

    def roles(self, row: Row, layers: Doubles, kinds: Doubles) -> Doubles:
        return self.role.probabilities(with_answers(row, self.features.size, layers, kinds))


def with_answers(row: Row, size: int, layers: Doubles, kinds: Doubles) -> Row:
    """The row, with the answers of the other heads as further features."""
    answers = np.concatenate([layers, kinds]).astype(np.float32)
    return Row(
        index=np.concatenate([row.index, np.arange(size, size + len(answers), dtype=np.int32)]),
        value=np.concatenate([row.value, answers]),
        distinct_words=row.distinct_words,
        known_words=row.known_words,
    )
