"""From labelled examples to a trained model.

Owns every choice that was made by measuring: block scales, strength, what may enter the vocabulary.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.learning.concepts import Concepts, shipped_terms
from graphs.learning.corpus import DEFAULT_LAYERS, KINDS, ROLES, Example
from graphs.learning.features import Features, Floats, Grams, Row, Vectors
from graphs.learning.fit_calibration import HeldOut, calibrated, fit_calibration
from graphs.learning.fitting import fit_logistic, word_directions
from graphs.learning.grams import char_grams, word_grams, words
from graphs.learning.scoring import Head, LexicalModel, with_answers
from graphs.learning.text import Reading, read
from graphs.model import Kind

Doubles = NDArray[np.float64]

MIN_SOURCES = 3
"""An n-gram enters the vocabulary only if at least this many repositories use it: no project's words, no names."""
MIN_VECTOR_TEXTS = 8
VECTOR_WIDTH = 96
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """Scales of the feature blocks, and how strongly a head may follow its examples."""

    scales: dict[str, float]
    strength: float
    balance: float = 0.0
    """How far rare answers are lifted: 0 as they occur, 1 all alike."""


LAYER_RECIPE = Recipe(
    scales={
        "words": 1.0,
        "chars": 2.0,
        "title": 0.0,
        "vectors": 1.0,
        "concepts": 0.5,
        "title_concepts": 0.5,
        "shape": 0.0,
        "marks": 0.0,
        "opening": 0.0,
        "forms": 0.0,
    },
    strength=1.2,
    balance=0.3,
)
KIND_RECIPE = Recipe(
    scales={
        "words": 1.0,
        "chars": 1.0,
        "title": 1.5,
        "vectors": 1.0,
        "concepts": 0.25,
        "title_concepts": 0.25,
        "shape": 1.0,
        "marks": 1.0,
        "opening": 1.0,
        "forms": 1.5,
    },
    strength=2.0,
    balance=0.5,
)
ROLE_RECIPE = Recipe(
    scales={
        "words": 1.0,
        "chars": 1.0,
        "title": 0.0,
        "vectors": 0.5,
        "concepts": 0.25,
        "title_concepts": 0.25,
        "shape": 0.0,
        "marks": 0.0,
        "opening": 0.0,
        "forms": 0.0,
    },
    strength=2.0,
)


def reading_of(example: Example) -> Reading:
    return read(example.title, example.body)


def fit_vectors(plain: Sequence[Example]) -> Vectors:
    """Word vectors from unlabelled issues; none without issues."""
    counted = [Counter(word for word in words(reading_of(one).whole) if len(word) > 1) for one in plain]
    texts: Counter[str] = Counter(word for one in counted for word in one)
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for one, count in zip(plain, counted, strict=True):
        for word in count:
            sources[word].add(one.source)
    kept = sorted(
        word
        for word, times in texts.items()
        if MIN_VECTOR_TEXTS <= times <= 0.3 * len(plain) and len(sources[word]) >= MIN_SOURCES and word.isalpha()
    )
    if not kept:
        return Vectors(index={}, matrix=np.zeros((0, 0), dtype=np.float32))
    index = {word: at for at, word in enumerate(kept)}
    idf = np.array([_idf(texts[word], len(plain)) for word in kept])
    rows = [{index[w]: (1 + math.log(n)) * idf[index[w]] for w, n in one.items() if w in index} for one in counted]
    rows = [
        {at: value / math.sqrt(sum(v * v for v in row.values())) for at, value in row.items()} for row in rows if row
    ]
    directions = word_directions(rows, len(kept), VECTOR_WIDTH)
    return Vectors(index=index, matrix=(directions * idf[:, None]).astype(np.float16).astype(np.float32))


def fit_features(examples: Sequence[Example], vectors: Vectors, plain: Sequence[Example] = ()) -> Features:
    """The vocabulary of these examples; the words of forms also from the `plain` ones."""
    forms = [(one.source, list(reading_of(one).forms)) for one in (*examples, *plain)]
    found = [(one.source, words(reading_of(one).whole)) for one in examples]
    return Features(
        word_grams=_vocabulary(found, word_grams),
        char_grams=_vocabulary(found, char_grams),
        form_grams=_vocabulary(forms, Counter),
        vectors=vectors,
        concepts=Concepts.parse(shipped_terms()),
    )


def _vocabulary(found: list[tuple[str, list[str]]], grams_of: Callable[[list[str]], Counter[str]]) -> Grams:
    sources: defaultdict[str, set[str]] = defaultdict(set)
    texts: Counter[str] = Counter()
    for source, one in found:
        for gram in grams_of(one):
            texts[gram] += 1
            if source:
                sources[gram].add(source)
    kept = sorted(gram for gram, used_by in sources.items() if len(used_by) >= MIN_SOURCES)
    idf = np.array([_idf(texts[gram], len(found)) for gram in kept], dtype=np.float16).astype(np.float32)
    return Grams(index={gram: at for at, gram in enumerate(kept)}, idf=idf)


def _idf(texts: int, total: int) -> float:
    return 1.0 + math.log((1 + total) / (1 + texts))


def fit_head(
    rows: Sequence[Row],
    features: Features,
    recipe: Recipe,
    answers: Sequence[int],
    classes: int,
    *,
    extra: int = 0,
    weights: Sequence[float] = (),
) -> Head:
    """One head. A class without an example gets an offset that nothing outweighs."""
    scale = np.concatenate(
        [*(np.full(width, recipe.scales[block]) for block, width in features.widths().items()), np.ones(extra)]
    )
    present = sorted(set(answers))
    times = Counter(answers)
    lift = {one: (len(answers) / len(present) / times[one]) ** recipe.balance for one in present}
    each = np.array([lift[one] for one in answers]) * (np.array(weights) if weights else 1.0)
    slopes, offsets = fit_logistic(
        rows,
        features.size + extra,
        scale,
        [present.index(one) for one in answers],
        (each / each.mean()).tolist(),
        recipe.strength,
    )
    wide, low = np.zeros((len(scale), classes)), np.full(classes, -30.0)
    wide[:, present], low[present] = slopes, offsets
    return Head(slopes=wide.astype(np.float16).astype(np.float32), offsets=low.astype(np.float32))


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


@dataclass(frozen=True, slots=True)
class LayerFit:
    features: Features
    plain: Head
    rough: Head

    def scores(self, reading: Reading) -> Doubles:
        return (self.rough if reading.rough else self.plain).scores(self.features.row(reading))


REAL_WEIGHT = 2.0
NATURAL = (0.02, 0.64, 0.13, 0.08, 0.13)
"""Rough shares of the layers in a random sample of real issues; the labelled ones hold more of the rarer layers."""


def natural_weights(examples: Sequence[Example]) -> list[float]:
    """What brings the real examples back to their natural mix; 1 for all others."""
    real = Counter(_layer(one) for one in examples if one.origin == "real")
    total = sum(real.values())
    return [NATURAL[_layer(one)] * total / real[_layer(one)] if one.origin == "real" else 1.0 for one in examples]


def fit_layers(examples: Sequence[Example], vectors: Vectors, plain: Sequence[Example] = ()) -> LayerFit:
    features = fit_features(examples, vectors, plain)
    rows = [features.row(reading_of(one)) for one in examples]
    answers = [_layer(one) for one in examples]
    # Half the way to the natural mix, or the rare layers are never said; real tickets count twice, as they are fewer.
    pairs = zip(examples, natural_weights(examples), strict=True)
    weights = [REAL_WEIGHT * math.sqrt(weight) if one.origin == "real" else 1.0 for one, weight in pairs]
    rough = [at for at, one in enumerate(examples) if not one.invented]

    def head(chosen: Sequence[int]) -> Head:
        return fit_head(
            [rows[at] for at in chosen],
            features,
            LAYER_RECIPE,
            [answers[at] for at in chosen],
            len(DEFAULT_LAYERS),
            weights=[weights[at] for at in chosen],
        )

    whole = head(range(len(examples)))
    return LayerFit(features, plain=whole, rough=head(rough) if rough else whole)


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
                scores[at] = fitted.scores(reading_of(one))
    return scores


def held_out(asked: Sequence[Example], always: Sequence[Example], vectors: Vectors, turn: int = 0) -> HeldOut:
    """What calibration is fitted on and measured with."""
    return HeldOut(
        scores=out_of_fold(asked, always, vectors, turn),
        answers=np.array([_layer(one) for one in asked]),
        rough=np.array([reading_of(one).rough for one in asked]),
        weights=np.array(natural_weights(asked)),
        folds=np.array(folds_of(asked, turn)),
    )


def fit_model(
    layered: Sequence[Example], seeds: Sequence[Example], plain: Sequence[Example], held: HeldOut | None = None
) -> LexicalModel:
    """The whole model: `layered` have all labels, `seeds` a layer only, `plain` at most a kind."""
    vectors = fit_vectors(plain)
    held = held or held_out(layered, seeds, vectors)
    calibration = fit_calibration(held)
    layers = fit_layers([*layered, *seeds], vectors, plain)
    kind = fit_kinds(layered, plain, layers.features)
    kinds = np.stack([kind.probabilities(layers.features.row(reading_of(one))) for one in layered])
    known = calibrated(held, calibration.temperatures)
    return LexicalModel(
        features=layers.features,
        layers=tuple(DEFAULT_LAYERS),
        layer=layers.plain,
        layer_rough=layers.rough,
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
            table[_layer(one), DEFAULT_LAYERS.index(other)] += 1
    sizes = Counter(_layer(one) for one in written)
    each = np.array([[max(1, sizes[at])] for at in range(len(DEFAULT_LAYERS))], dtype=np.float32)
    return np.asarray(table / each, dtype=np.float32)


QUESTION_LIFT = 0.5
"""Added to the score of `question`: rare and labelled by habit, it would never be said otherwise."""
TASK_LIFT = -0.7
"""Maintainers have no such label as a rule."""


def fit_kinds(layered: Sequence[Example], plain: Sequence[Example], features: Features) -> Head:
    chosen = [*layered, *even_share(plain)]
    rows = [features.row(reading_of(one)) for one in chosen]
    answers = [KINDS.index(one.kind) for one in chosen if one.kind is not None]
    sizes = Counter(one.source for one in chosen)
    weights = [sizes[one.source] ** -0.5 for one in chosen]
    head = fit_head(rows, features, KIND_RECIPE, answers, len(KINDS), weights=weights)
    lifts = {Kind.QUESTION: QUESTION_LIFT, Kind.TASK: TASK_LIFT}
    lift = np.array([lifts.get(kind, 0.0) for kind in KINDS], dtype=np.float32)
    return Head(head.slopes, head.offsets + lift, head.temperature)


PER_SOURCE = 120


def even_share(plain: Sequence[Example]) -> list[Example]:
    """At most `PER_SOURCE` issues with a kind from each repository, spread over its history."""
    by_source: defaultdict[str, list[Example]] = defaultdict(list)
    for one in plain:
        if one.kind is not None:
            by_source[one.source].append(one)
    return [one for listed in by_source.values() for one in listed[:: max(1, math.ceil(len(listed) / PER_SOURCE))]]


def fit_roles(layered: Sequence[Example], features: Features, layers: Doubles, kinds: Doubles) -> Head:
    """`layers` and `kinds` are the answers of the other heads; the layers held out, as they will be in use."""
    rows = [
        with_answers(features.row(reading_of(one)), features.size, layer, kind)
        for one, layer, kind in zip(layered, layers, kinds, strict=True)
    ]
    answers = [ROLES.index(one.role) for one in layered if one.role is not None]
    return fit_head(rows, features, ROLE_RECIPE, answers, len(ROLES), extra=len(DEFAULT_LAYERS) + len(KINDS))


def _layer(one: Example) -> int:
    if one.layer is None:
        raise ValueError("an example without a layer cannot teach layers")
    return DEFAULT_LAYERS.index(one.layer)
