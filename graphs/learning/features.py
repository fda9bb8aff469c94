"""From a reading to a sparse row of numbers.

Owns the order and scaling of features; training and running use the same code. Must not import scikit-learn: running
needs NumPy only.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from graphs.learning.concepts import Concepts
from graphs.learning.grams import char_grams, word_grams, words
from graphs.learning.text import MARK_NAMES, Reading

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

SHAPE_NAMES = (
    *("length", "question_title", "question_body", "error", "story", "imperative", "cjk", "list"),
    *("asks", "wishes", "cjk_asks"),
)
OPENING = 400
"""Characters of the body in which people say what they want."""
_ERROR = re.compile(r"traceback|exception|\berror\b|报错|错误", re.IGNORECASE)
_STORY = re.compile(r"\bas an? [\w ]{2,40},? (?:i|we) (?:want|would|need|can)|\bacceptance criteria\b", re.IGNORECASE)
_IMPERATIVE = re.compile(r"(?:add|support|implement|allow|create|enable|feat|improve|make|provide)\b", re.IGNORECASE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ASKS = re.compile(r"(?:how|what|why|is|can|does|do|where|which|when|could|are|should|any)\b", re.IGNORECASE)
_WISHES = re.compile(r"would be (?:nice|great|good|helpful|useful|cool)|would like|希望|建议", re.IGNORECASE)
_CJK_ASKS = re.compile(r"怎么|如何|请问|吗|能否|是否")


@dataclass(frozen=True, slots=True)
class Row:
    """The non-zero features of one text, with how much of it is known."""

    index: Ints
    value: Floats
    distinct_words: int
    known_words: int


@dataclass(frozen=True, slots=True)
class Grams:
    """A vocabulary of n-grams with their weights by rarity."""

    index: dict[str, int]
    idf: Floats

    def weigh(self, counts: Mapping[str, int]) -> tuple[list[int], list[float]]:
        """Indices and values of the known n-grams, of length one together."""
        index: list[int] = []
        value: list[float] = []
        for gram, times in counts.items():
            at = self.index.get(gram)
            if at is not None:
                index.append(at)
                value.append((1.0 + math.log(times)) * float(self.idf[at]))
        size = math.sqrt(sum(one * one for one in value)) or 1.0
        return index, [one / size for one in value]


@dataclass(frozen=True, slots=True)
class Vectors:
    """What words stand near each other in real issues; empty when trained without them."""

    index: dict[str, int]
    matrix: Floats

    @property
    def width(self) -> int:
        return int(self.matrix.shape[1])

    def mean(self, counts: Mapping[str, int]) -> list[float]:
        known = [(self.index[word], times) for word, times in counts.items() if word in self.index]
        if not known:
            return [0.0] * self.width
        weights = np.array([1.0 + math.log(times) for _, times in known], dtype=np.float32)
        total = weights @ self.matrix[[at for at, _ in known]]
        return [float(one) for one in total / max(float(np.linalg.norm(total)), 1e-9)]


def shape(reading: Reading) -> list[float]:
    """What a text looks like, whatever its words."""
    title, body = reading.title, reading.body
    return [
        math.log1p(len(body)) / 8,
        float(title.rstrip().endswith(("?", "？"))),  # noqa: RUF001  # Chinese question mark
        float("?" in body or "？" in body),  # noqa: RUF001  # Chinese question mark
        float(bool(_ERROR.search(reading.whole))),
        float(bool(_STORY.search(body))),
        float(bool(_IMPERATIVE.match(title.lstrip()))),
        float(bool(_CJK.search(reading.whole))),
        float("\n- " in body or "\n* " in body),
        float(bool(_ASKS.match(title.lstrip()))),
        float(bool(_WISHES.search(reading.whole))),
        float(bool(_CJK_ASKS.search(reading.whole))),
    ]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is counted in a text, whatever the vocabulary: training counts once and weighs many times."""

    single: Counter[str]
    words: Counter[str]
    chars: Counter[str]
    title: Counter[str]
    opening: Counter[str]
    forms: Counter[str]
    concepts: Counter[int]
    shape: list[float]
    marks: list[float]


def pieces(reading: Reading, concepts: Concepts) -> Pieces:
    found = words(reading.whole)
    return Pieces(
        single=Counter(found),
        words=word_grams(found),
        chars=char_grams(found),
        title=word_grams(words(reading.title)),
        opening=word_grams(words(reading.body[:OPENING])),
        forms=Counter(reading.forms),
        concepts=concepts.count(reading.whole, found),
        shape=shape(reading),
        marks=list(reading.marks),
    )


@dataclass(frozen=True, slots=True)
class Features:
    """One block of features after the other, in the order of `widths`."""

    word_grams: Grams
    char_grams: Grams
    form_grams: Grams
    vectors: Vectors
    concepts: Concepts

    def widths(self) -> dict[str, int]:
        """Block name -> number of features, in order."""
        word = len(self.word_grams.index)
        return {
            "words": word,
            "chars": len(self.char_grams.index),
            "title": word,
            "vectors": self.vectors.width,
            "concepts": len(self.concepts.names),
            "shape": len(SHAPE_NAMES),
            "marks": len(MARK_NAMES),
            "opening": word,
            "forms": len(self.form_grams.index),
        }

    @property
    def size(self) -> int:
        return sum(self.widths().values())

    def row(self, reading: Reading) -> Row:
        return self.row_of(pieces(reading, self.concepts))

    def row_of(self, found: Pieces) -> Row:
        """`found` by the same concepts as these."""
        blocks = [
            self.word_grams.weigh(found.words),
            self.char_grams.weigh(found.chars),
            self.word_grams.weigh(found.title),
            _dense(self.vectors.mean(found.single)),
            _logs(found.concepts),
            _dense(found.shape),
            _dense(found.marks),
            self.word_grams.weigh(found.opening),
            self.form_grams.weigh(found.forms),
        ]
        starts = np.cumsum([0, *self.widths().values()])
        index = chain.from_iterable(
            (int(start) + at for at in block[0]) for start, block in zip(starts, blocks, strict=False)
        )
        return Row(
            index=np.fromiter(index, dtype=np.int32),
            value=np.fromiter(chain.from_iterable(block[1] for block in blocks), dtype=np.float32),
            distinct_words=len(found.single),
            known_words=sum(word in self.word_grams.index for word in found.single),
        )


def _dense(values: list[float]) -> tuple[list[int], list[float]]:
    return list(range(len(values))), values


def _logs(counts: Mapping[int, int]) -> tuple[list[int], list[float]]:
    return list(counts), [math.log1p(times) for times in counts.values()]
