"""Fits the encoder's heads, and how much they count beside the lexical ones.

Owns the recipe of the stack. Shares and lifts are fitted on votes of models that had not seen the ticket's repository
(stacked generalisation, Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graphs.learning.calibration import Calibration, Doubles
from graphs.learning.corpus import DEFAULT_LAYERS, Example
from graphs.learning.encoder import Encoder
from graphs.learning.features import Floats
from graphs.learning.fit_calibration import HeldOut, fit_calibration
from graphs.learning.fit_layers import FOLDS, Lessons, folds_of
from graphs.learning.fit_words import reading_of
from graphs.learning.fitting import fit_dense
from graphs.learning.panel import EncodedHead, EncodedVoter

STRENGTH = 1.0
BALANCE = 0.3
REAL_WEIGHT_PLAIN = 0.3
REAL_WEIGHT_ROUGH = 1.0


def encoded(encoder: Encoder, examples: Sequence[Example]) -> Floats:
    """A row each; half a minute for a thousand tickets."""
    return encoder.encode([reading_of(one) for one in examples])


def fit_voter(vectors: Floats, examples: Sequence[Example]) -> EncodedVoter:
    notes = Lessons.of(examples, REAL_WEIGHT_PLAIN, invented=True)
    tickets = Lessons.of(examples, REAL_WEIGHT_ROUGH, invented=False)
    plain = _head(vectors, notes)
    return EncodedVoter(plain, rough=_head(vectors, tickets) if tickets.at else plain)


def stacked_held_out(held: HeldOut, asked: Sequence[Example], always: Sequence[Example], vectors: Floats) -> HeldOut:
    """The lexical votes with the encoder's beside them, both by models that never saw the ticket's repository.

    `vectors` are of `asked`, then of `always`.
    """
    everything = [*asked, *always]
    folds = folds_of(asked)
    scores = np.zeros((len(asked), len(DEFAULT_LAYERS)))
    for fold in range(FOLDS):
        sources = {one.source for one, at in zip(asked, folds, strict=True) if at == fold}
        taught = [at for at, one in enumerate(everything) if one.source not in sources]
        voter = fit_voter(vectors[taught], [everything[at] for at in taught])
        for at in range(len(asked)):
            if folds[at] == fold:
                scores[at] = voter.scores(vectors[at], rough=bool(held.rough[at]))
    return replace(held, votes=np.concatenate([held.votes, scores[:, None, :]], axis=1))


def fit_stacked(
    held: HeldOut, asked: Sequence[Example], always: Sequence[Example], encoder: Encoder
) -> tuple[EncodedVoter, Calibration]:
    """`held` are the lexical votes on `asked`, out of fold; `always` teach and are not asked."""
    vectors = encoded(encoder, [*asked, *always])
    both = stacked_held_out(held, asked, always, vectors)
    return fit_voter(vectors, [*asked, *always]), fit_calibration(both)


def _head(vectors: Floats, lessons: Lessons) -> EncodedHead:
    slopes, offsets = _fitted(vectors[lessons.at], lessons)
    return EncodedHead(slopes=slopes.astype(np.float16).astype(np.float32), offsets=offsets.astype(np.float32))


def _fitted(rows: Floats, lessons: Lessons) -> tuple[Doubles, Doubles]:
    """Slopes width x layers. A layer without an example gets an offset that nothing outweighs."""
    answers = np.array(lessons.answers)
    times = np.bincount(answers, minlength=len(DEFAULT_LAYERS))
    present = np.flatnonzero(times)
    lift = (len(answers) / len(present) / np.maximum(times, 1)) ** BALANCE
    weights = np.array(lessons.weights) * lift[answers]
    found, start = fit_dense(rows, np.searchsorted(present, answers), weights / weights.mean(), STRENGTH)
    slopes, offsets = np.zeros((rows.shape[1], len(times))), np.full(len(times), -30.0)
    slopes[:, present], offsets[present] = found, start
    return slopes, offsets
