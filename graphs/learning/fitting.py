"""The only module that touches scikit-learn, SciPy and threadpoolctl, which have no types.

Owns fitting; used by training and measuring, never when a ticket is analysed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # publishes no types

from graphs.learning.features import Floats, Row

Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


def fit_logistic(
    rows: Sequence[Row], size: int, scale: Doubles, answers: Sequence[int], weights: Sequence[float], strength: float
) -> tuple[Doubles, Doubles]:
    """Multinomial logistic regression: weights (size x classes, for unscaled rows) and offsets.

    Every class from 0 to the highest must occur in `answers`.
    """
    matrix = _matrix(rows, size).multiply(scale).tocsr()
    model = LogisticRegression(C=strength, max_iter=3_000, tol=1e-3)
    with threadpool_limits(limits=1):  # the same sums in the same order, and small problems are faster so
        model.fit(matrix, np.asarray(answers), sample_weight=np.asarray(weights))
    slopes = np.asarray(model.coef_, dtype=np.float64).T * scale[:, None]
    return slopes, np.asarray(model.intercept_, dtype=np.float64)


def fit_dense(rows: Floats, answers: Ints, weights: Doubles, strength: float) -> tuple[Doubles, Doubles]:
    """The same for full rows: weights (width x classes) and offsets."""
    model = LogisticRegression(C=strength, max_iter=3_000, tol=1e-3)
    with threadpool_limits(limits=1):
        model.fit(rows.astype(np.float64), answers, sample_weight=weights)
    return np.asarray(model.coef_, dtype=np.float64).T, np.asarray(model.intercept_, dtype=np.float64)


LIFT_DOUBT = 0.05
"""How strongly lifts are held towards none: without it, rare layers would never be said."""


def pool(votes: Doubles, answers: Ints, weights: Doubles) -> tuple[Doubles, Doubles]:
    """Shares of the voters and lifts of the layers that make the held-out answers likeliest.

    `votes` are rows x voters x layers. With one voter and no lifts this is the temperature of Guo et al., "On
    Calibration of Modern Neural Networks" (2017).
    """
    rows, voters, layers = votes.shape
    onto = np.eye(layers)[answers]
    share = weights / weights.sum()

    def surprise(found: Doubles) -> tuple[float, Doubles]:
        lifts = found[voters:]
        scores = np.einsum("v,rvl->rl", found[:voters], votes) + lifts
        said = scores - logsumexp(scores, axis=1, keepdims=True)
        gap = share[:, None] * (np.exp(said) - onto)
        slope = np.concatenate([np.einsum("rl,rvl->v", gap, votes), gap.sum(axis=0) + 2 * LIFT_DOUBT * lifts])
        loss = -float((share * said[np.arange(rows), answers]).sum()) + LIFT_DOUBT * float((lifts**2).sum())
        return loss, slope

    start = np.concatenate([np.full(voters, 1 / voters), np.zeros(layers)])
    found = np.asarray(minimize(surprise, start, jac=True, method="L-BFGS-B").x, dtype=np.float64)
    return found[:voters], found[voters:]


def word_directions(counts: Sequence[dict[int, float]], words: int, width: int) -> Floats:
    """Unit vectors of words, from the main directions of a text-by-word table."""
    index = np.concatenate([np.fromiter(one, dtype=np.int32, count=len(one)) for one in counts])
    value = np.concatenate([np.fromiter(one.values(), dtype=np.float64, count=len(one)) for one in counts])
    starts = np.cumsum([0, *(len(one) for one in counts)])
    table = sparse.csr_matrix((value, index, starts), shape=(len(counts), words))
    with threadpool_limits(limits=1):
        _, _, right = randomized_svd(table, n_components=width, n_iter=5, random_state=0)
    directions = np.asarray(right, dtype=np.float64).T
    sizes = np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)
    return np.asarray(directions / sizes, dtype=np.float32)


def _matrix(rows: Sequence[Row], size: int) -> sparse.csr_matrix:
    starts = np.cumsum([0, *(len(row.index) for row in rows)])
    index = np.concatenate([row.index for row in rows])
    value = np.concatenate([row.value for row in rows]).astype(np.float64)
    return sparse.csr_matrix((value, index, starts), shape=(len(rows), size))
