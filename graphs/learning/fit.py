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
from graphs.learning.features import Features, Grams, Row, Vectors
from graphs.learning.fitting import fit_logistic, word_directions
from graphs.learning.grams import char_grams, word_grams, words
from graphs.learning.scoring import Head, LexicalModel, softmax, with_answers
from graphs.learning.text import Reading, read

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
        "shape": 1.5,
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


def fit_features(examples: Sequence[Example], vectors: Vectors) -> Features:
    """The vocabulary of these examples."""
    found = [(one.source, words(reading_of(one).whole)) for one in examples]
    return Features(
        word_grams=_vocabulary(found, word_grams),
        char_grams=_vocabulary(found, char_grams),
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
    rows: Sequence[Row], features: Features, recipe: Recipe, answers: Sequence[int], classes: int, extra: int = 0
) -> Head:
    """One head. A class without an example gets an offset that nothing outweighs."""
    scale = np.concatenate(
        [*(np.full(width, recipe.scales[block]) for block, width in features.widths().items()), np.ones(extra)]
    )
    present = sorted(set(answers))
    times = Counter(answers)
    lift = {one: (len(answers) / len(present) / times[one]) ** recipe.balance for one in present}
    slopes, offsets = fit_logistic(
        rows,
        features.size + extra,
        scale,
        [present.index(one) for one in answers],
        [lift[one] for one in answers],
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
    head: Head


def fit_layers(examples: Sequence[Example], vectors: Vectors) -> LayerFit:
    features = fit_features(examples, vectors)
    rows = [features.row(reading_of(one)) for one in examples]
    answers = [DEFAULT_LAYERS.index(one.layer) for one in examples if one.layer is not None]
    return LayerFit(features, fit_head(rows, features, LAYER_RECIPE, answers, len(DEFAULT_LAYERS)))


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
                scores[at] = fitted.head.scores(fitted.features.row(reading_of(one)))
    return scores


def best_temperature(scores: Doubles, answers: Sequence[int]) -> float:
    """The temperature under which the held-out answers were likeliest."""
    grid = [round(0.4 + 0.02 * step, 2) for step in range(111)]
    at = np.arange(len(answers))

    def surprise(temperature: float) -> float:
        return -float(np.log(softmax(scores / temperature)[at, list(answers)] + 1e-12).mean())

    return min(grid, key=surprise)


def fit_model(layered: Sequence[Example], seeds: Sequence[Example], plain: Sequence[Example]) -> LexicalModel:
    """The whole model: `layered` have all labels, `seeds` a layer only, `plain` at most a kind."""
    vectors = fit_vectors(plain)
    held_out = out_of_fold(layered, seeds, vectors)
    temperature = best_temperature(held_out, [_layer(one) for one in layered])
    layers = fit_layers([*layered, *seeds], vectors)
    kind = fit_kinds(layered, plain, layers.features)
    kinds = np.stack([kind.probabilities(layers.features.row(reading_of(one))) for one in layered])
    return LexicalModel(
        features=layers.features,
        layers=tuple(DEFAULT_LAYERS),
        layer=Head(layers.head.slopes, layers.head.offsets, temperature),
        kind=kind,
        role=fit_roles(layered, layers.features, softmax(held_out / temperature), kinds),
    )


def fit_kinds(layered: Sequence[Example], plain: Sequence[Example], features: Features) -> Head:
    chosen = [*layered, *even_share(plain)]
    rows = [features.row(reading_of(one)) for one in chosen]
    answers = [KINDS.index(one.kind) for one in chosen if one.kind is not None]
    return fit_head(rows, features, KIND_RECIPE, answers, len(KINDS))


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
