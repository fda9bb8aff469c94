"""From labelled examples to a trained model.

Owns the order: words, layers and their calibration, kinds, roles, which layers go together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from graphs.learning.corpus import DEFAULT_LAYERS, Example
from graphs.learning.features import Floats
from graphs.learning.fit_calibration import HeldOut, fit_calibration, fit_pool
from graphs.learning.fit_kinds import fit_kinds, fit_roles, kinds_of
from graphs.learning.fit_layers import fit_layers, held_out, layer_of
from graphs.learning.fit_words import fit_vectors
from graphs.learning.scoring import LexicalModel


def fit_model(
    layered: Sequence[Example], seeds: Sequence[Example], plain: Sequence[Example], held: HeldOut | None = None
) -> LexicalModel:
    """The whole model: `layered` have all labels, `seeds` a layer only, `plain` at most a kind."""
    vectors = fit_vectors(plain)
    held = held or held_out(layered, seeds, vectors)
    calibration = fit_calibration(held)
    layers = fit_layers([*layered, *seeds], vectors, plain)
    kind = fit_kinds(layered, plain, layers.features)
    kinds = kinds_of(kind, layered, layers.features)
    known = fit_pool(held).probabilities(held)
    return LexicalModel(
        features=layers.features,
        layers=tuple(DEFAULT_LAYERS),
        layer=layers.heads,
        kind=kind,
        role=fit_roles(layered, layers.features, known, kinds),
        calibration=calibration,
        together=fit_together(layered),
    )


def fit_together(layered: Sequence[Example]) -> Floats:
    """Shares of the written tickets of a layer (rows) that must change another one too; real ones do not say."""
    table = np.zeros((len(DEFAULT_LAYERS), len(DEFAULT_LAYERS)), dtype=np.float32)
    written = [one for one in layered if one.origin == "written"]
    for one in written:
        for other in one.secondary:
            table[layer_of(one), DEFAULT_LAYERS.index(other)] += 1
    sizes = Counter(layer_of(one) for one in written)
    each = np.array([[max(1, sizes[at])] for at in range(len(DEFAULT_LAYERS))], dtype=np.float32)
    return np.asarray(table / each, dtype=np.float32)
