"""What the index knows of each ticket besides its words: when, where, for whose eyes, and its vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.similar.latent import WIDTH


@dataclass(slots=True)
class Columns:
    """One row for each slot, grown in steps."""

    at: NDArray[np.int64]
    project: NDArray[np.int32]
    private: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    vector: NDArray[np.float32]

    @property
    def room(self) -> int:
        return len(self.at)

    @staticmethod
    def empty(room: int) -> Columns:
        return Columns(
            at=np.zeros(room, np.int64),
            project=np.zeros(room, np.int32),
            private=np.zeros(room, np.bool_),
            alive=np.zeros(room, np.bool_),
            vector=np.zeros((room, WIDTH), np.float32),
        )

    def taken(self, slots: NDArray[np.int64], room: int) -> Columns:
        """These rows, numbered anew from 0, with room for more."""
        new = Columns.empty(room)
        size = len(slots)
        new.at[:size], new.project[:size], new.vector[:size] = self.at[slots], self.project[slots], self.vector[slots]
        new.private[:size], new.alive[:size] = self.private[slots], self.alive[slots]
        return new
