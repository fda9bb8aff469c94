"""Decisions that were read already, so that each is read once however many tickets follow.

Owns two bounded caches, safe for threads: lessons by the hash of their decision, and the newest table made of some.
Nothing in an answer depends on them: what is asked of is always the list of decisions that is handed in.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from graphs.learning.online import MOST, Decided, Lesson, Memory

KEPT = 2 * MOST
"""Lessons of all projects together: about 9 KB each."""
AT_ONCE = 100
"""New decisions that one ticket waits for: about 5 ms each, after a start only."""


class Taught:
    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lessons: OrderedDict[str, Lesson] = OrderedDict()
        self._table: tuple[list[Lesson], Memory] | None = None
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._lessons)

    def lessons(
        self, decided: Sequence[Decided], make: Callable[[Decided], Lesson], at_once: int = MOST
    ) -> list[Lesson]:
        """In the order of `decided`, but at most `at_once` that were not known: the first of these."""
        found: list[Lesson] = []
        new = 0
        for one in decided:
            known = self._known(one.mark)
            if known is None:
                if new == at_once:
                    continue
                new += 1
                known = make(one)
                self._keep(one.mark, known)
            found.append(known)
        return found

    def memory(self, lessons: list[Lesson], layers: int) -> Memory:
        """The table of these lessons; the last one is kept, for nothing changes between most tickets."""
        last = self._table
        if last is not None and len(last[0]) == len(lessons) and all(map(_same, last[0], lessons)):
            return last[1]
        made = Memory.of(lessons, layers)
        self._table = (lessons, made)
        return made

    def _known(self, mark: str) -> Lesson | None:
        with self._turn:
            if mark in self._lessons:
                self._lessons.move_to_end(mark)
            return self._lessons.get(mark)

    def _keep(self, mark: str, made: Lesson) -> None:
        with self._turn:
            self._lessons[mark] = made
            if len(self._lessons) > self._kept:
                self._lessons.popitem(last=False)


def _same(one: Lesson, other: Lesson) -> bool:
    return one is other
