"""Tickets as dense vectors: what words stand near each other in this corpus, by latent semantic analysis.

Owns fitting (truncated SVD of the weighted terms, Deerwester et al. 1990) and folding new tickets in. The corpus is its
own teacher: nothing is shipped or downloaded. Must not keep text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graphs.similar.words import Terms

WIDTH = 128
LEAST = 100
"""Tickets below which there is nothing to learn from."""
SAMPLE = 20_000
"""Tickets that are learnt from, spread evenly over a larger index; more would cost seconds for little."""
VOCABULARY = 50_000
COMMON = 0.3
"""Terms in a larger share of tickets say nothing."""
_SEED = 0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Latent:
    """A fitted space: `axes[i]` is the vector of the hashed term `vocabulary[i]`, its rarity within."""

    vocabulary: NDArray[np.int32]
    axes: Floats

    def vector(self, found: Terms) -> Floats:
        """Of length one, or all zero where no term is known."""
        at = np.minimum(np.searchsorted(self.vocabulary, found.ids), len(self.vocabulary) - 1)
        known = self.vocabulary[at] == found.ids
        mixed = found.weights[known] @ self.axes[at[known]]
        return np.asarray(_unit(mixed[np.newaxis])[0], dtype=np.float32)

    def vectors(self, rows: csr_matrix) -> Floats:
        """Those of many tickets: rows of weights whose columns are `vocabulary`."""
        return _unit(np.asarray(rows @ self.axes, dtype=np.float32))


def vocabulary(ids: NDArray[np.int32], counts: NDArray[np.int64], tickets: int) -> NDArray[np.int32]:
    """Terms worth a place, ascending: in more than one ticket, not in most; the most frequent where there are many."""
    fit = np.flatnonzero((counts > 1) & (counts <= COMMON * tickets))
    if len(fit) > VOCABULARY:
        fit = fit[np.argsort(-counts[fit], kind="stable")[:VOCABULARY]]
    return np.sort(ids[fit])


def fit(rows: csr_matrix, known: NDArray[np.int32]) -> Latent | None:
    """Learns the axes from rows of weights whose columns are `known`; None where there is too little."""
    from sklearn.decomposition import TruncatedSVD

    if rows.shape[0] < LEAST or len(known) < LEAST:
        return None
    frequency = np.bincount(rows.indices, minlength=len(known))
    rarity = np.log((rows.shape[0] + 1.0) / (frequency + 0.5)).astype(np.float32)
    width = min(WIDTH, rows.shape[0] // 2, len(known) // 2)
    svd = TruncatedSVD(width, n_iter=4, random_state=_SEED)
    svd.fit(rows.multiply(rarity[np.newaxis]).tocsr())
    axes = np.zeros((len(known), WIDTH), dtype=np.float32)
    axes[:, :width] = svd.components_.T * rarity[:, np.newaxis]
    return Latent(vocabulary=known, axes=axes)


def _unit(vectors: Floats) -> Floats:
    sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(sizes, 1e-9), dtype=np.float32)
