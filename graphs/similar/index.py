"""Finds the tickets that are most like a given one.

Owns the mix of title and whole text, and who may see what: a public ticket is never shown a private one, and a private
ticket sees private ones of its own project only. Whoever may not be seen does not count for anything either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.model import Millis, Value
from graphs.similar.postings import Bools, Floats, Postings
from graphs.similar.words import prose, terms

TITLE_WEIGHT = 0.5
ELSEWHERE = 0.3
"""What a ticket of another project is worth beside one of the same project."""
QUERY_TERMS = 96
_ROOM = 1024


class Entry(Value):
    """A ticket as the index knows it. `key` is whatever the caller calls it by."""

    key: str
    title: str
    body: str
    at: Millis
    """When it was filed."""
    project: str = ""
    private: bool = False


class Hit(Value):
    key: str
    score: float
    """0 for nothing in common; 1 for the same words."""


@dataclass(slots=True)
class _Columns:
    """One row for each slot; grown in steps."""

    at: NDArray[np.int64]
    project: NDArray[np.int32]
    private: Bools
    alive: Bools

    @staticmethod
    def empty(room: int) -> _Columns:
        return _Columns(
            np.zeros(room, np.int64), np.zeros(room, np.int32), np.zeros(room, np.bool_), np.zeros(room, np.bool_)
        )

    def taken(self, slots: NDArray[np.int64], room: int) -> _Columns:
        new = _Columns.empty(room)
        size = len(slots)
        new.at[:size], new.project[:size] = self.at[slots], self.project[slots]
        new.private[:size], new.alive[:size] = self.private[slots], self.alive[slots]
        return new


class SimilarTickets:
    """Tickets by their words. Not safe for threads: one caller at a time."""

    def __init__(self) -> None:
        self._whole, self._titles = Postings(QUERY_TERMS), Postings(QUERY_TERMS)
        self._columns = _Columns.empty(_ROOM)
        self._keys: list[str] = []
        self._slots: dict[str, int] = {}
        self._projects: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, entry: Entry) -> None:
        """Adds a ticket; one with the same key is replaced."""
        self.remove(entry.key)
        slot = len(self._keys)
        if slot == len(self._columns.at):
            self._columns = self._columns.taken(np.arange(slot), 2 * slot)
        self._whole.add(terms(prose(entry.title, entry.body)))
        self._titles.add(terms(entry.title))
        columns = self._columns
        columns.at[slot], columns.private[slot], columns.alive[slot] = entry.at, entry.private, True
        columns.project[slot] = self._projects.setdefault(entry.project, len(self._projects))
        self._keys.append(entry.key)
        self._slots[entry.key] = slot

    def remove(self, key: str) -> None:
        """Forgets a ticket; one that is not there is no error. Its numbers go once a quarter of the index is dead."""
        slot = self._slots.pop(key, None)
        if slot is None:
            return
        self._columns.alive[slot] = False
        self._keys[slot] = ""
        if len(self._keys) > _ROOM and len(self._slots) < 0.75 * len(self._keys):
            self._compact()

    def find(self, asked: Entry, limit: int = 10) -> list[Hit]:
        """The most similar tickets filed before `asked`, best first, never `asked` itself."""
        seen = self._seen(asked)
        scores = self._scores(asked, seen)
        best = _best(scores, seen, limit)
        return [Hit(key=self._keys[slot], score=round(float(scores[slot]), 6)) for slot in best]

    def _seen(self, asked: Entry) -> Bools:
        size = len(self._keys)
        columns = self._columns
        seen = columns.alive[:size] & (columns.at[:size] < asked.at)
        private = columns.private[:size]
        if asked.private:
            seen &= ~private | (columns.project[:size] == self._projects.get(asked.project, -1))
        else:
            seen &= ~private
        own = self._slots.get(asked.key)
        if own is not None:
            seen[own] = False
        return seen

    def _scores(self, asked: Entry, seen: Bools) -> Floats:
        whole = self._whole.scores(terms(prose(asked.title, asked.body)), seen)
        titles = self._titles.scores(terms(asked.title), seen)
        scores = (whole + TITLE_WEIGHT * titles) / (1.0 + TITLE_WEIGHT)
        home = self._projects.get(asked.project)
        if home is not None:
            scores[self._columns.project[: len(scores)] != home] *= ELSEWHERE
        return scores.astype(np.float32)

    def _compact(self) -> None:
        kept = np.flatnonzero(self._columns.alive[: len(self._keys)]).astype(np.int64)
        self._whole.keep(kept)
        self._titles.keep(kept)
        self._columns = self._columns.taken(kept, max(_ROOM, 2 * len(kept)))
        self._keys = [self._keys[slot] for slot in kept]
        self._slots = {key: slot for slot, key in enumerate(self._keys)}


def _best(scores: Floats, seen: Bools, limit: int) -> list[int]:
    """Slots by falling score; the older slot first among equals, so that the answer is always the same."""
    slots = np.flatnonzero(seen)
    if len(slots) > limit:
        cut = np.partition(scores[slots], len(slots) - limit)[len(slots) - limit]
        slots = slots[scores[slots] >= cut]
    order = np.lexsort((slots, -scores[slots]))
    return [int(one) for one in slots[order][:limit]]
