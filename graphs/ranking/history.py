"""Tickets that were somebody's: the evidence of the ranking, in memory.

Owns what is remembered and what of it may be looked at: tickets known before the one in question, of the same project
where it has any, and no private ones for a public ticket. What may not be looked at counts for nothing, not even for
how rare a word is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.model import Millis, Value
from graphs.similar.postings import Postings
from graphs.similar.words import prose, terms

MOST = 20_000
"""Tickets remembered; beyond it the oldest fifth is forgotten. Decay has made them worthless long before."""
DAY_MS = 86_400_000.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Asked(Value):
    """A ticket that needs an owner."""

    key: str
    project: str
    title: str
    body: str
    author: str
    at: Millis
    """When it was filed."""
    private: bool = False
    name: str = ""
    """What people call it; the key where empty."""


class Past(Value):
    """A ticket with those who took it, the first one first.

    `ticket.at` is when it was known who takes it; where only the filing is known, that.
    """

    ticket: Asked
    owners: tuple[str, ...]
    closed_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What may be known about one ticket's candidates. Rows are tickets, oldest first; `owner` indexes `owners`."""

    asked: Asked
    owners: tuple[str, ...]
    names: tuple[str, ...]
    """What people call each row."""
    age: Floats
    """Days from each row's filing to the asked ticket's."""
    alike: Floats
    """Similarity of each row to the asked ticket."""
    by_author: Bools
    """Rows of the same reporter."""
    pair_row: Ints
    pair_owner: Ints
    """Who took what: row and owner of each pair."""
    authored: Ints
    """How many rows each owner reported."""
    open: Floats
    """Rows of each owner that were still open then."""
    same_project: bool

    def summed(self, weights: Floats) -> Floats:
        """For each owner the sum of the weights of the rows taken."""
        return _counted(self.pair_owner, weights[self.pair_row], len(self.owners))


class History:
    """Grows a ticket at a time. Not safe for threads: one caller at a time."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []
        self._known: set[str] = set()
        self._postings = Postings(query_terms=None)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def add(self, past: Past) -> None:
        """Remembers a ticket; the same one again replaces what was known of it."""
        if past.ticket.key in self._known:
            self._forget(np.array([row.key != past.ticket.key for row in self._rows]))
        elif len(self._rows) >= MOST:
            at = np.array([row.at for row in self._rows])
            self._forget(at > np.partition(at, MOST // 5)[MOST // 5])
        ticket = past.ticket
        self._rows.append(
            _Row(
                key=ticket.key,
                project=ticket.project,
                at=ticket.at,
                closed_at=past.closed_at,
                author=ticket.author,
                private=ticket.private,
                name=ticket.name or ticket.key,
                owners=tuple(dict.fromkeys(past.owners)),
            )
        )
        self._known.add(ticket.key)
        self._postings.add(terms(prose(ticket.title, ticket.body)))

    def view(self, asked: Asked) -> View | None:
        """The evidence about `asked`; None where nothing may be looked at."""
        earlier = np.array(
            [row.at < asked.at and row.key != asked.key and row.shown_to(asked) for row in self._rows], dtype=np.bool_
        )
        home = np.array([row.project == asked.project for row in self._rows], dtype=np.bool_)
        same = bool((earlier & home).any())
        seen = earlier & home if same else earlier
        if not any(self._rows[at].owners for at in np.flatnonzero(seen)):
            return None
        alike = self._postings.scores(terms(prose(asked.title, asked.body)), seen)
        order = sorted(np.flatnonzero(seen), key=lambda at: self._rows[at].at)
        return _view(asked, [self._rows[at] for at in order], alike[order].astype(np.float64), same_project=same)

    def taken_since(self, asked: Asked, since: Millis) -> dict[str, int]:
        """How many tickets each owner was given from `since` on and before `asked`: a count, whatever they were."""
        return Counter(owner for row in self._rows if since <= row.at < asked.at for owner in row.owners)

    def keep(self, keys: Collection[str]) -> None:
        """Forgets every ticket but these."""
        kept = np.array([row.key in keys for row in self._rows], dtype=np.bool_)
        if not kept.all():
            self._forget(kept)

    def _forget(self, kept: Bools) -> None:
        slots = np.flatnonzero(kept)
        self._postings.keep(slots.astype(np.int64))
        self._rows = [self._rows[slot] for slot in slots]
        self._known = {row.key for row in self._rows}


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    project: str
    at: int
    closed_at: int | None
    author: str
    private: bool
    name: str
    owners: tuple[str, ...]

    def shown_to(self, asked: Asked) -> bool:
        """A private ticket speaks, and is named, for private ones of its own project only."""
        return not self.private or (asked.private and self.project == asked.project)


def _view(asked: Asked, rows: list[_Row], alike: Floats, *, same_project: bool) -> View:
    owners = tuple(sorted({owner for row in rows for owner in row.owners}))
    index = {owner: at for at, owner in enumerate(owners)}
    pairs = [(at, index[owner]) for at, row in enumerate(rows) for owner in row.owners]
    pair_row, pair_owner = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    still_open = np.array([row.closed_at is None or row.closed_at > asked.at for row in rows], dtype=np.float64)
    authors = [index[row.author] for row in rows if row.author in index]
    return View(
        asked=asked,
        owners=owners,
        names=tuple(row.name for row in rows),
        age=(asked.at - np.array([row.at for row in rows], dtype=np.float64)) / DAY_MS,
        alike=alike,
        by_author=np.array([bool(asked.author) and row.author == asked.author for row in rows], dtype=np.bool_),
        pair_row=pair_row,
        pair_owner=pair_owner,
        authored=np.bincount(np.array(authors, dtype=np.int64), minlength=len(owners)),
        open=_counted(pair_owner, still_open[pair_row], len(owners)),
        same_project=same_project,
    )


def _counted(index: Ints, weights: Floats, size: int) -> Floats:
    return np.bincount(index, weights=weights, minlength=size).astype(np.float64)
