"""What a team's own decisions are worth: each repository's labelled issues are asked in time order, then taught.

Owns the replay. Held-out answers stand for the trained engine, which so has never seen the repository.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from graphs.learning.calibration import Doubles
from graphs.learning.corpus import Example
from graphs.learning.figures import Json, resampled, wilson
from graphs.learning.fit_words import reading_of
from graphs.learning.online import Lesson, Memory, text_of
from graphs.learning.scoring import LexicalModel
from graphs.model import SlackUserId, TicketKey

FEWEST = 8
"""Repositories with fewer labelled issues teach too little to measure."""


def replay(
    model: LexicalModel,
    examples: Sequence[Example],
    layers: Doubles,
    answers: Sequence[int],
    in_time: Sequence[Example],
) -> dict[str, Json]:
    """Accuracy without and with what was decided before, over all issues but each repository's first."""
    when = {(one.source, one.title): at for at, one in enumerate(in_time)}
    repositories: defaultdict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(examples):
        if (one.source, one.title) in when:
            repositories[one.source].append(at)
    before: list[bool] = []
    after: list[bool] = []
    for listed in repositories.values():
        if len(listed) < FEWEST:
            continue
        taught: list[Lesson] = []
        for at in sorted(listed, key=lambda one: when[examples[one].source, examples[one].title]):
            row = model.features.row(reading_of(examples[at]))
            place, text = text_of(model.features, row)
            if taught:
                memory = Memory.of(taught[::-1], len(model.layers))
                before.append(bool(layers[at].argmax() == answers[at]))
                after.append(bool(memory.corrected(layers[at], place, text).argmax() == answers[at]))
            key = TicketKey(f"{examples[at].source}#{at}")
            taught.append(Lesson(key, SlackUserId("U1"), at=place, text=text, said=layers[at], answer=answers[at]))
    return _compared(np.array(before), np.array(after))


def _compared(
    before: np.ndarray[tuple[int], np.dtype[np.bool_]], after: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> dict[str, Json]:
    gain = after.astype(np.float64) - before.astype(np.float64)
    low, high = resampled(lambda at: float(gain[at].mean()), len(gain))
    return {
        "n": len(gain),
        "accuracy_without": round(float(before.mean()), 3),
        "accuracy_without_95": [round(one, 3) for one in wilson(int(before.sum()), len(before))],
        "accuracy_with": round(float(after.mean()), 3),
        "gain_95": [round(low, 3), round(high, 3)],
        "mended": int((gain > 0).sum()),
        "broken": int((gain < 0).sum()),
    }
