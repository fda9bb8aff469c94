"""What the team decided teaches the engine from the very next ticket on.

Owns nearest precedents and the correction that follows from them; pure, no clock, no storage (`Precedents` is its
port). Only decisions that it is handed teach, so whoever implements the port hands it approvers' decisions and nothing
else. Taking a decision away takes all it taught away: nothing is accumulated, each answer is computed from the list.

The correction is one step of functional gradient descent for logistic regression, with a text kernel:

    f(x) = f0(x) + RATE * sum_i w_i k(x, x_i) (y_i - p_i)

f0: log of the trained engine's probabilities; y_i: the decided layer, one-hot; p_i: what the trained engine said of
that ticket; k: cosine of the n-gram rows, to the power `SHARPNESS`; w_i: 1, less where one author has said most of all.
Adapting to the team's mix of layers beside that was tried: it broke as many answers as it mended.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from graphs.learning.calibration import Doubles, softmax
from graphs.learning.features import Features, Floats, Ints, Row
from graphs.model import CleanTicket, LayerId, SlackUserId, TicketKey, TicketRef, Value

RATE = 6.0
SHARPNESS = 2
MOST = 2_000
"""Newest decisions that are looked at."""
AUTHOR_SHARE = 0.5
"""No author's decisions weigh more than this share of all, once there are `AUTHOR_FREE` of them."""
AUTHOR_FREE = 10
LEAST_SHIFT = 0.02
"""A probability that moved by less was not moved by anybody."""
LEAST_PULL = 0.1
"""In log-odds: a decision that pulled less is not named."""
MOST_NAMED = 3


class Decided(Value):
    """A ticket of which an approver has said the layer, with where that is from."""

    ticket: CleanTicket
    layer: LayerId
    by: SlackUserId

    @property
    def key(self) -> TicketKey:
        return self.ticket.ref.key

    @cached_property
    def mark(self) -> str:
        """A hash of everything that the lesson depends on: who keeps it, keeps nothing of the text."""
        whole = (self.key, self.layer, self.by, self.ticket.title, self.ticket.body)
        return hashlib.sha256("\0".join(whole).encode("utf-8", "surrogatepass")).hexdigest()


class Precedents(Protocol):
    """The team's own decisions, from its record."""

    async def decided(self, about: CleanTicket) -> Sequence[Decided]:
        """Those of this ticket's project, newest first, one for each ticket, approvers' decisions only; at most `MOST`.

        None that few may read for a ticket that many may read. Raises `graphs.errors.Outage` where the record is away.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lesson:
    """A decided ticket as the engine sees it."""

    key: TicketKey
    by: SlackUserId
    text: Floats
    """Values of its n-grams, of length one, at `at`."""
    at: Ints
    said: Doubles
    """Probabilities of the trained engine."""
    answer: int
    """Index of the decided layer."""
    ref: TicketRef | None = None
    """Where it is, for naming it to people."""


@dataclass(frozen=True, slots=True)
class Pull:
    """A decided ticket that moved an answer."""

    ref: TicketRef
    answer: int
    """Index of the decided layer."""
    likeness: float
    strength: float
    """Log-odds that it added to the layer that was chosen, over the one that would have been."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The lessons as one sparse table, ready to be asked."""

    keys: tuple[TicketKey, ...]
    starts: Ints
    """Where each lesson begins in `at` and `text`."""
    at: Ints
    text: Floats
    gaps: Doubles
    """Lessons x layers: weight times (decided - said)."""
    answers: Ints
    """Of each lesson, the index of the decided layer."""
    refs: tuple[TicketRef | None, ...]

    @staticmethod
    def of(lessons: Sequence[Lesson], layers: int) -> Memory:
        """`lessons` newest first; of several on one ticket the newest counts."""
        newest: dict[TicketKey, Lesson] = {}
        for one in lessons[:MOST]:
            newest.setdefault(one.key, one)
        kept = [one for one in newest.values() if len(one.at)]
        decided = np.array([np.eye(layers)[one.answer] for one in kept]).reshape(len(kept), layers)
        said = np.array([one.said for one in kept]).reshape(len(kept), layers)
        return Memory(
            keys=tuple(one.key for one in kept),
            starts=np.cumsum([0, *(len(one.at) for one in kept)], dtype=np.int32)[:-1],
            at=np.concatenate([one.at for one in kept]) if kept else np.zeros(0, dtype=np.int32),
            text=np.concatenate([one.text for one in kept]) if kept else np.zeros(0, dtype=np.float32),
            gaps=_author_weights(kept)[:, None] * (decided - said),
            answers=np.array([one.answer for one in kept], dtype=np.int32),
            refs=tuple(one.ref for one in kept),
        )

    def likeness(self, at: Ints, text: Floats) -> Doubles:
        """Cosine with each lesson, 0..1."""
        if not self.keys or not len(at):
            return np.zeros(len(self.keys))
        asked = np.zeros(max(int(self.at.max()), int(at.max())) + 1, dtype=np.float32)
        asked[at] = text
        return np.asarray(np.add.reduceat(self.text * asked[self.at], self.starts), dtype=np.float64)

    def nearest(self, at: Ints, text: Floats, most: int) -> tuple[tuple[TicketKey, float], ...]:
        """The most alike decided tickets with their likeness, best first."""
        alike = self.likeness(at, text)
        best = np.argsort(-alike, kind="stable")[:most]
        return tuple((self.keys[one], float(alike[one])) for one in best if alike[one] > 0)

    def corrected(self, probabilities: Doubles, at: Ints, text: Floats) -> Doubles:
        """The probabilities after what the team has taught; the same ones where it has taught nothing."""
        return self.moved(probabilities, self.likeness(at, text))

    def moved(self, probabilities: Doubles, near: Doubles) -> Doubles:
        """The same, `near` being the likeness with each lesson."""
        if not self.keys:
            return probabilities
        raised = np.log(np.maximum(probabilities, 1e-6)) + RATE * (near**SHARPNESS @ self.gaps)
        return softmax(np.asarray(raised, dtype=np.float64))

    def pulls(self, plain: Doubles, moved: Doubles, near: Doubles) -> tuple[Pull, ...]:
        """What made `moved` of `plain`, strongest first, at most `MOST_NAMED`; none where next to nothing moved."""
        old, new = int(plain.argmax()), int(moved.argmax())
        if not self.keys or (old == new and abs(float(moved[new] - plain[new])) < LEAST_SHIFT):
            return ()
        towards = self.gaps[:, new] - (self.gaps[:, old] if old != new else 0.0)
        strength = RATE * near**SHARPNESS * towards
        order = np.argsort(-np.abs(strength), kind="stable")[:MOST_NAMED]
        return tuple(
            Pull(ref, int(self.answers[one]), float(near[one]), float(strength[one]))
            for one in order
            if (ref := self.refs[one]) is not None and abs(strength[one]) >= LEAST_PULL
        )


def text_of(features: Features, row: Row) -> tuple[Ints, Floats]:
    """Indices and values of the words and pieces of words, of length one together."""
    widths = features.widths()
    chosen = row.index < widths["words"] + widths["chars"]
    values = row.value[chosen]
    return row.index[chosen], np.asarray(values / max(float(np.linalg.norm(values)), 1e-9))


def _author_weights(lessons: Sequence[Lesson]) -> Doubles:
    """1 each; an author with more than the share allowed is scaled down to it."""
    sizes = Counter(one.by for one in lessons)
    weights = np.ones(len(lessons))
    for author, size in sizes.items():
        allowed = max(AUTHOR_FREE, AUTHOR_SHARE * len(lessons))
        if size > allowed:
            weights[[at for at, one in enumerate(lessons) if one.by == author]] = allowed / size
    return weights
