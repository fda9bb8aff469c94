"""The trained model: features and three linear heads, for layer, kind and role.

Owns the arithmetic of an answer. Must not know where weights come from or how a ticket reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.learning.features import Features, Floats, Row

Doubles = NDArray[np.float64]


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
class LexicalModel:
    """Everything that is learnt. The role head also reads what the other two heads answered."""

    features: Features
    layers: tuple[str, ...]
    layer: Head
    kind: Head
    role: Head

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


def softmax(scores: Doubles) -> Doubles:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float64)
