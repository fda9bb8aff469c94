"""Who votes on the layer of a ticket: the lexical head, and in the stacked profile the encoder's head beside it.

Owns the arithmetic of a vote. Must not know where weights come from, nor when they are loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphs.learning.calibration import Calibration, Doubles
from graphs.learning.encoder import Encoder
from graphs.learning.features import Floats, Row
from graphs.learning.scoring import LexicalModel
from graphs.learning.text import Reading


@dataclass(frozen=True, slots=True)
class EncodedHead:
    """A linear head on an encoder's vector."""

    slopes: Floats
    """Width x layers."""
    offsets: Floats

    def scores(self, vector: Floats) -> Doubles:
        return np.asarray(vector @ self.slopes + self.offsets, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class EncodedVoter:
    """Two heads, as the lexical model has them: for plain notes and for tickets as trackers have them."""

    plain: EncodedHead
    rough: EncodedHead

    def scores(self, vector: Floats, *, rough: bool) -> Doubles:
        return (self.rough if rough else self.plain).scores(vector)


@dataclass(frozen=True, slots=True)
class Stacked:
    """What the stacked profile adds to the lexical one."""

    encoder: Encoder
    voter: EncodedVoter
    calibration: Calibration
    """Of both voters together, the lexical one first."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The model as an engine asks it. All but the layer is the lexical model's business."""

    lexical: LexicalModel
    stacked: Stacked | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        return self.lexical.layers

    @property
    def calibration(self) -> Calibration:
        return self.stacked.calibration if self.stacked else self.lexical.calibration

    def layer_probabilities(self, reading: Reading, row: Row) -> Doubles:
        """Calibrated; sums to 1."""
        votes: Sequence[Doubles] = [self.lexical.layer.of(rough=reading.rough).scores(row)]
        if self.stacked:
            vector = self.stacked.encoder.encode([reading])[0]
            votes = [*votes, self.stacked.voter.scores(vector, rough=reading.rough)]
        return self.calibration.probabilities(np.stack(votes), rough=reading.rough)
