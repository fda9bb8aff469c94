"""What the model may know of words: the vocabulary of n-grams and the vectors of words.

Owns what may enter them. A word of one project alone, or a name, must not.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from graphs.learning.concepts import Concepts, shipped_terms
from graphs.learning.corpus import Example
from graphs.learning.features import Features, Grams, Pieces, Vectors, pieces
from graphs.learning.fitting import word_directions
from graphs.learning.grams import words
from graphs.learning.text import Reading, read

MIN_SOURCES = 3
"""An n-gram enters the vocabulary only if at least this many repositories use it: no project's words, no names."""
MIN_VECTOR_TEXTS = 8
VECTOR_WIDTH = 96


@lru_cache(maxsize=32_768)
def reading_of(example: Example) -> Reading:
    return read(example.title, example.body)


@lru_cache(maxsize=8_192)
def pieces_of(example: Example) -> Pieces:
    """Kept, because every fold counts the same texts."""
    return pieces(reading_of(example), shipped_concepts())


@cache
def shipped_concepts() -> Concepts:
    return Concepts.parse(shipped_terms())


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
    found = [(one.source, pieces_of(one)) for one in examples]
    forms = [(one.source, Counter(reading_of(one).forms)) for one in (*examples, *plain)]
    return Features(
        word_grams=_vocabulary([(source, one.words) for source, one in found]),
        char_grams=_vocabulary([(source, one.chars) for source, one in found]),
        form_grams=_vocabulary(forms),
        vectors=vectors,
        concepts=shipped_concepts(),
    )


def _vocabulary(found: list[tuple[str, Counter[str]]]) -> Grams:
    sources: defaultdict[str, set[str]] = defaultdict(set)
    texts: Counter[str] = Counter()
    for source, one in found:
        for gram in one:
            texts[gram] += 1
            if source:
                sources[gram].add(source)
    kept = sorted(gram for gram, used_by in sources.items() if len(used_by) >= MIN_SOURCES)
    idf = np.array([_idf(texts[gram], len(found)) for gram in kept], dtype=np.float16).astype(np.float32)
    return Grams(index={gram: at for at, gram in enumerate(kept)}, idf=idf)


def _idf(texts: int, total: int) -> float:
    return 1.0 + math.log((1 + total) / (1 + texts))
