"""An inverted index of one field, in sealed segments that are merged as they grow.

Owns term -> tickets. Numbers only: which ticket a slot stands for is `graphs.similar.index`'s. A slot that a caller may
not see is as if it were not there: it gets no score and does not count for how rare a term is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graphs.similar.words import Terms

FRESH_CAP = 512
"""Slots that wait unsealed; sealing them takes a few milliseconds."""
SEGMENT_CAP = 2_000_000
"""Postings beyond which a segment is not merged any more: it bounds what a merge takes in time and memory."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Segment:
    """Postings sorted by term: those of `terms[i]` are `slots[starts[i]:starts[i + 1]]`."""

    terms: NDArray[np.int32]
    starts: NDArray[np.int64]
    slots: NDArray[np.int32]
    weights: NDArray[np.float16]

    @staticmethod
    def sealed(ids: NDArray[np.int32], slots: NDArray[np.int32], weights: NDArray[np.float16]) -> _Segment:
        order = np.argsort(ids, kind="stable")
        found, starts = np.unique(ids[order], return_index=True)
        return _Segment(found, np.append(starts, len(ids)), slots[order], weights[order])

    @property
    def term_of_each(self) -> NDArray[np.int32]:
        return np.repeat(self.terms, np.diff(self.starts))


class Postings:
    """Weighted terms of slots 0, 1, 2 ... in the order of adding.

    `query_terms` caps how many terms of a query are looked up, the weightiest first: a long log makes no search slow.
    """

    def __init__(self, query_terms: int | None) -> None:
        self._query_terms = query_terms
        self._segments: list[_Segment] = []
        self._fresh: list[Terms] = []
        self._sealed = 0

    @property
    def size(self) -> int:
        """Slots added so far."""
        return self._sealed + len(self._fresh)

    def add(self, found: Terms) -> None:
        self._fresh.append(found)
        if len(self._fresh) >= FRESH_CAP:
            self._seal()

    def scores(self, query: Terms, seen: Bools) -> Floats:
        """How much of what the query would score against itself each slot scores (SMART `lnc.ltc`); else 0.

        1 is the same text; a shorter one that holds the query's rare words may have a little more.

        `seen` has one entry for each slot. How rare a term is, is counted over the seen ones only.
        """
        self._seal()
        total = int(seen.sum())
        scores = np.zeros(len(seen), dtype=np.float32)
        if not total or not len(query.ids):
            return scores
        at, slots, weights = self._gathered(query, total)
        kept = seen[slots]
        at, slots, weights = at[kept], slots[kept], weights[kept]
        frequency = np.bincount(at, minlength=len(query.ids))
        rarity = np.log((total + 1.0) / (frequency + 0.5)).clip(min=0.0)
        gains = query.weights * rarity**2
        itself = max(float(gains @ query.weights), 1e-9)
        gains = (gains / itself)[at] * weights
        return np.bincount(slots, weights=gains, minlength=len(seen)).astype(np.float32)

    def frequencies(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """All terms, ascending, and in how many slots each is."""
        self._seal()
        if not self._segments:
            return np.zeros(0, np.int32), np.zeros(0, np.int64)
        ids = np.concatenate([one.terms for one in self._segments])
        counts = np.concatenate([np.diff(one.starts) for one in self._segments])
        found, at = np.unique(ids, return_inverse=True)
        return found, np.bincount(at, weights=counts).astype(np.int64)

    def blocks(self, terms: NDArray[np.int32]) -> Iterator[tuple[int, csr_matrix]]:
        """Rows of weights for a stretch of slots at a time, with its first slot; the columns are these terms."""
        self._seal()
        for one in self._segments:
            if not len(one.slots):
                continue
            ids = one.term_of_each
            column = np.minimum(np.searchsorted(terms, ids), len(terms) - 1).astype(np.int32)
            known = terms[column] == ids
            first, last = int(one.slots.min()), int(one.slots.max())
            places = (one.slots[known] - first, column[known])
            shape = (last - first + 1, len(terms))
            yield first, csr_matrix((one.weights[known].astype(np.float32), places), shape=shape)

    def keep(self, kept: NDArray[np.int64]) -> None:
        """Drops all slots but these (ascending) and numbers them anew from 0."""
        self._seal()
        renumbered = np.full(self._sealed, -1, dtype=np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        old, self._segments, self._sealed = self._segments, [], len(kept)
        for one in old:
            slots = renumbered[one.slots]
            left = slots >= 0
            if left.any():
                self._segments.append(_Segment.sealed(one.term_of_each[left], slots[left], one.weights[left]))

    def _gathered(self, query: Terms, total: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float16]]:
        """Which term of the query, which slot, which weight: of all postings that are looked at."""
        spans = [(one, *_spans(one, query.ids)) for one in self._segments]
        counts = np.sum([ends - starts for _, starts, ends in spans], axis=0)
        worth = query.weights * np.log((total + 1.0) / (counts + 0.5)).clip(min=0.0)
        chosen = np.argsort(-worth, kind="stable")[: self._query_terms]
        at, slots, weights = [], [], []
        for one, starts, ends in spans:
            for term in chosen:
                start, end = starts[term], ends[term]
                if start < end:
                    at.append(np.full(end - start, term, dtype=np.int64))
                    slots.append(one.slots[start:end])
                    weights.append(one.weights[start:end])
        if not at:
            return np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float16)
        return np.concatenate(at), np.concatenate(slots), np.concatenate(weights)

    def _seal(self) -> None:
        if not self._fresh:
            return
        sizes = [len(one.ids) for one in self._fresh]
        slots = np.repeat(np.arange(self._sealed, self._sealed + len(sizes), dtype=np.int32), sizes)
        ids = np.concatenate([one.ids for one in self._fresh])
        weights = np.concatenate([one.weights for one in self._fresh]).astype(np.float16)
        self._sealed, self._fresh = self.size, []
        self._segments.append(_Segment.sealed(ids, slots, weights))
        while len(self._segments) > 1 and self._worth_merging(*self._segments[-2:]):
            self._merge()

    @staticmethod
    def _worth_merging(older: _Segment, newer: _Segment) -> bool:
        return len(older.slots) < 2 * len(newer.slots) and len(older.slots) + len(newer.slots) <= SEGMENT_CAP

    def _merge(self) -> None:
        """Two neighbours become one; each posting is moved a logarithmic number of times in all."""
        newer, older = self._segments.pop(), self._segments.pop()
        self._segments.append(
            _Segment.sealed(
                np.concatenate([older.term_of_each, newer.term_of_each]),
                np.concatenate([older.slots, newer.slots]),
                np.concatenate([older.weights, newer.weights]),
            )
        )


def _spans(segment: _Segment, ids: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each term's postings begin and end; an empty span where the segment has none."""
    if not len(segment.terms):
        none = np.zeros(len(ids), dtype=np.int64)
        return none, none
    at = np.minimum(np.searchsorted(segment.terms, ids), len(segment.terms) - 1)
    has = segment.terms[at] == ids
    return np.where(has, segment.starts[at], 0), np.where(has, segment.starts[at + 1], 0)
