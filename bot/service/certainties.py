"""How often a model was right when it said how sure it is, from the decided tickets of a project. Reads only.

Implements `graphs.agent.certainty.Decided`. What approvers decided counts, whatever they had seen on the card before.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from bot.record.lessons import Made
from bot.record.record import Record
from graphs.agent.answer import Sure
from graphs.agent.certainty import MOST, Judged

RENEW_S = 600.0
MOST_KEPT = 200
"""Projects with a model and a version of the prompts; beyond it everything is read anew."""


class RecordDecided:
    def __init__(self, record: Record, clock: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._clock = clock
        self._known: dict[tuple[str, str, str], tuple[float, Mapping[Sure, Judged]]] = {}

    async def judged(self, place: str, model: str, prompts: str) -> Mapping[Sure, Judged]:
        key, now = (place, model, prompts), self._clock()
        at, found = self._known.get(key, (-RENEW_S, {}))
        if now - at < RENEW_S:
            return found
        async with self._record.read() as tx:
            made = await tx.lessons.made_by(place, model, MOST)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        found = counted(made, prompts)
        self._known[key] = (now, found)
        return found


def counted(made: Sequence[Made], prompts: str) -> dict[Sure, Judged]:
    """Those of this version of the prompts, by the model's word for its certainty."""
    mine = [one for one in made if one.versions.get("agent_prompts") == prompts]
    words = [(one.versions.get("certainty"), one.was_right) for one in mine]
    all_, right = Counter(word for word, _ in words), Counter(word for word, was_right in words if was_right)
    return {word: Judged(right=right[word.value], of=all_[word.value]) for word in Sure if all_[word.value]}
