"""Finds the tickets that are most like a given one.

Owns the mix of votes and who may see what: a public ticket is never shown a private one, and a private ticket sees
private ones of its own project only. Whoever may not be seen does not count for how rare a word is either.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack

from graphs.model import Millis, Value
from graphs.similar import latent
from graphs.similar.columns import Columns
from graphs.similar.postings import Bools, Floats, Postings
from graphs.similar.words import Terms, prose, terms

SOON_SHARE = 0.1
"""The share of the corpus's age after which closeness in time counts half: duplicates come in bursts."""
QUERY_TERMS = 64
"""More terms of a long ticket found nothing more."""
SHOWN_FROM = 0.42
"""A hit below this is not worth a person's eyes; `graphs.similar.measure` prints how often one above it is."""
DEAD_SHARE = 0.25
REFIT_GROWTH = 2.0
"""The vectors' space is learnt anew whenever the index has grown by this factor."""
_LEAST_ROOM = 256


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
    """About 0 for nothing in common, about 1 for the same text filed just before."""


class Votes(Value):
    """What counts how much, beside 1 for the words of the whole ticket. Chosen on development pairs, never on tests."""

    title: float = 0.5
    """Words of the title."""
    meaning: float = 0.3
    """The vectors."""
    soon: float = 0.1
    """Closeness in time."""

    @property
    def total(self) -> float:
        return 1.0 + self.title + self.meaning + self.soon


class SimilarTickets:
    """Tickets by words and vectors, all measured alike; `graphs.similar.projects` keeps one for each project.

    Not safe for threads: one caller at a time.
    """

    def __init__(self, votes: Votes = Votes()) -> None:  # noqa: B008  # frozen
        self._votes = votes
        self._whole, self._titles = Postings(QUERY_TERMS), Postings(QUERY_TERMS)
        self._columns = Columns.empty(_LEAST_ROOM)
        self._keys: list[str] = []
        self._slots: dict[str, int] = {}
        self._projects: dict[str, int] = {}
        self._latent: latent.Latent | None = None
        self._fitted_at = 0

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: str) -> bool:
        return key in self._slots

    def add(self, entry: Entry) -> None:
        """Adds a ticket; one with the same key is replaced."""
        self.remove(entry.key)
        slot = len(self._keys)
        if slot == self._columns.room:
            self._columns = self._columns.taken(np.arange(slot), 2 * slot)
        whole = terms(prose(entry.title, entry.body))
        self._whole.add(whole)
        self._titles.add(terms(entry.title))
        columns = self._columns
        columns.at[slot], columns.private[slot], columns.alive[slot] = entry.at, entry.private, True
        columns.project[slot] = self._projects.setdefault(entry.project, len(self._projects))
        if self._latent:
            columns.vector[slot] = self._latent.vector(whole)
        self._keys.append(entry.key)
        self._slots[entry.key] = slot

    def remove(self, key: str) -> None:
        """Forgets a ticket; one that is not there is no error. Its numbers go once a quarter of the index is dead."""
        slot = self._slots.pop(key, None)
        if slot is None:
            return
        self._columns.alive[slot] = False
        self._columns.vector[slot] = 0.0
        self._keys[slot] = ""
        if len(self._keys) > _LEAST_ROOM and len(self._slots) < (1 - DEAD_SHARE) * len(self._keys):
            self._compact()

    def find(self, asked: Entry, limit: int = 10) -> list[Hit]:
        """The most similar tickets filed before `asked`, best first, never `asked` itself."""
        self.learn()
        visible = self._visible(asked)
        seen = visible & (self._columns.at[: len(visible)] < asked.at)
        own = self._slots.get(asked.key)
        if own is not None:
            seen[own] = False
        scores = self._scores(asked, visible, seen)
        return [Hit(key=self._keys[slot], score=round(float(scores[slot]), 6)) for slot in _best(scores, seen, limit)]

    def _visible(self, asked: Entry) -> Bools:
        """What may be shown to whoever may see `asked`, whenever it was filed."""
        size = len(self._keys)
        columns = self._columns
        private = columns.private[:size]
        home = columns.project[:size] == self._projects.get(asked.project, -1)
        allowed = (~private | home) if asked.private else ~private
        return np.asarray(columns.alive[:size] & allowed, dtype=np.bool_)

    def _scores(self, asked: Entry, visible: Bools, seen: Bools) -> Floats:
        size = len(seen)
        whole = terms(prose(asked.title, asked.body))
        scores = self._whole.scores(whole, visible)
        scores += np.float32(self._votes.title) * self._titles.scores(terms(asked.title), visible)
        scores += np.float32(self._votes.meaning) * self._meaning(whole, size)
        scores += np.float32(self._votes.soon) * self._soon(asked.at, seen)
        return scores / np.float32(self._votes.total)

    def _meaning(self, asked: Terms, size: int) -> Floats:
        if not self._latent:
            return np.zeros(size, dtype=np.float32)
        return np.asarray(self._columns.vector[:size] @ self._latent.vector(asked), dtype=np.float32)

    def _soon(self, at: Millis, seen: Bools) -> Floats:
        """1 for a ticket filed at the same moment, halved with each tenth of the time since the first one."""
        gap = (at - self._columns.at[: len(seen)]).astype(np.float32)
        longest = float(gap[seen].max()) if seen.any() else 0.0
        halvings = np.maximum(gap, 0) / np.float32(max(longest, 1.0) * SOON_SHARE)
        return np.asarray(np.exp2(-halvings), dtype=np.float32)

    def learn(self) -> None:
        """Fits the vectors' space when the index has outgrown the one it has, and moves every ticket into it.

        A search does it when it is due; whoever has time before does it then.
        """
        size = len(self._keys)
        if not self._votes.meaning or size < latent.LEAST or size < REFIT_GROWTH * self._fitted_at:
            return
        self._fitted_at = size
        known = latent.vocabulary(*self._whole.frequencies(), size)
        step = max(1, math.ceil(size / latent.SAMPLE))
        sample = [rows[::step] for _, rows in self._whole.blocks(known)] if len(known) else []
        self._latent = latent.fit(vstack(sample).tocsr(), known) if sample else None
        if self._latent:
            for first, rows in self._whole.blocks(known):
                self._columns.vector[first : first + rows.shape[0]] = self._latent.vectors(rows)
            self._columns.vector[:size][~self._columns.alive[:size]] = 0.0

    def _compact(self) -> None:
        kept: NDArray[np.int64] = np.flatnonzero(self._columns.alive[: len(self._keys)])
        self._whole.keep(kept)
        self._titles.keep(kept)
        self._columns = self._columns.taken(kept, max(_LEAST_ROOM, 2 * len(kept)))
        self._keys = [self._keys[slot] for slot in kept]
        self._slots = {key: slot for slot, key in enumerate(self._keys)}
        self._fitted_at = min(self._fitted_at, len(self._keys))


def _best(scores: Floats, seen: Bools, limit: int) -> list[int]:
    """Slots by falling score; the older slot first among equals, so that the answer is always the same."""
    slots = np.flatnonzero(seen)
    if len(slots) > limit:
        cut = np.partition(scores[slots], len(slots) - limit)[len(slots) - limit]
        slots = slots[scores[slots] >= cut]
    order = np.lexsort((slots, -scores[slots]))
    return [int(one) for one in slots[order][:limit]]
