"""Short quotes that show why a layer was chosen.

Owns the choice of quotes. A quote is always cut from the ticket as it stands, so that anybody can find it there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from graphs.learning.features import Floats
from graphs.learning.grams import word_grams, words
from graphs.learning.scoring import Head, LexicalModel
from graphs.learning.text import lines_of, wash
from graphs.model import Evidence

QUOTE_CAP = 160
QUOTES = 2
CANDIDATES = 40
MIN_WORDS = 3

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")  # noqa: RUF001  # Chinese full stops
_URL = re.compile(r"https?://\S+")


def quotes_for(model: LexicalModel, head: Head, layer: int, title: str, body: str) -> tuple[Evidence, ...]:
    """At most two quotes that speak for `layer`, best first; none when nothing in the ticket does."""
    slopes = head.slopes
    spread = np.asarray(slopes[:, layer] - slopes.mean(axis=1), dtype=np.float32)
    weighed = [(_support(model, spread, text), text) for text in _candidates(title, body)]
    best = sorted((one for one in weighed if one[0] > 0), key=lambda one: (-one[0], one[1]))
    chosen = list(dict.fromkeys(text for _, text in best))[:QUOTES]
    return tuple(Evidence(source="quote", text=text) for text in chosen)


def _candidates(title: str, body: str) -> Iterator[str]:
    if title.strip():
        yield _cut(title.strip())
    left = CANDIDATES
    for line in lines_of(body):
        if not line.prose:
            continue
        for sentence in _SENTENCE.split(line.text):
            text = _cut(sentence.strip())
            if left > 0 and text and text in body and not _URL.search(text):
                left -= 1
                yield text


def _cut(text: str) -> str:
    """At most `QUOTE_CAP` characters, ending at a blank where there is one late enough."""
    if len(text) <= QUOTE_CAP:
        return text
    at = text.rfind(" ", QUOTE_CAP // 2, QUOTE_CAP + 1)
    return text[: at if at > 0 else QUOTE_CAP].rstrip()


def _support(model: LexicalModel, spread: Floats, text: str) -> float:
    """What the words of a quote add to the layer, over the average layer; longer quotes have to earn their length."""
    read = wash(text)
    found = words(read)
    if len(found) < MIN_WORDS:
        return 0.0
    features = model.features
    starts = dict(zip(features.widths(), np.cumsum([0, *features.widths().values()]).tolist(), strict=False))
    total = 0.0
    for gram, times in word_grams(found).items():
        at = features.word_grams.index.get(gram)
        if at is not None:
            total += times * float(features.word_grams.idf[at] * spread[starts["words"] + at])
    # The words' weights act on rows of length one, the concepts' on bare counts: bring both to one size.
    total /= 8.0
    for group, times in features.concepts.count(read, found).items():
        total += math.log1p(times) * float(spread[starts["concepts"] + group])
    return total / math.sqrt(len(found) + 4)
