"""The heads for kind and role.

Owns what was chosen by measuring on repositories never seen: scales, lifts, how much one repository may count.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from graphs.learning.calibration import Doubles
from graphs.learning.corpus import DEFAULT_LAYERS, KINDS, ROLES, Example
from graphs.learning.features import Features
from graphs.learning.fit_heads import Recipe, fit_head
from graphs.learning.fit_words import pieces_of, reading_of
from graphs.learning.scoring import Head, TwoHeads, with_answers
from graphs.model import Kind

KIND_RECIPE = Recipe(
    scales={
        "words": 1.0,
        "chars": 1.0,
        "title": 1.5,
        "vectors": 1.0,
        "concepts": 0.0,
        "shape": 1.0,
        "marks": 1.0,
        "opening": 1.0,
        "forms": 1.5,
    },
    strength=2.0,
    balance=0.5,
)
ROLE_RECIPE = Recipe(
    scales={
        "words": 1.0,
        "chars": 1.0,
        "title": 0.0,
        "vectors": 0.5,
        "concepts": 0.25,
        "shape": 0.0,
        "marks": 0.0,
        "opening": 0.0,
        "forms": 0.0,
    },
    strength=2.0,
)
QUESTION_LIFT = 0.5
"""Added to the score of `question`: rare and labelled by habit, it would never be said otherwise."""
TASK_LIFT = -0.7
"""Maintainers have no such label as a rule."""
ROUGH_MORE = 0.2
"""Both lifts are that much stronger on trackers' tickets."""


HABIT_SHARE, HABIT_LEAST = 1 / 3, 20
"""A project that calls so many of its issues questions (of at least so many issues) does it by habit."""


def by_habit(plain: Sequence[Example]) -> set[str]:
    """Repositories that label a third or more of their issues as questions, errors and wishes among them."""
    every = Counter(one.source for one in plain)
    asks = Counter(one.source for one in plain if one.kind is Kind.QUESTION)
    return {one for one, total in every.items() if total >= HABIT_LEAST and asks[one] >= HABIT_SHARE * total}


def teachable(plain: Sequence[Example]) -> list[Example]:
    """Those with a kind, without questions by habit: they teach that an error report is a question."""
    known = [one for one in plain if one.kind is not None]
    habit = by_habit(known)
    return [one for one in known if one.kind is not Kind.QUESTION or one.source not in habit]


def fit_kinds(layered: Sequence[Example], plain: Sequence[Example], features: Features) -> TwoHeads:
    """The head for trackers' tickets learns from real ones alone: written ones made it worse there."""
    chosen = [*layered, *even_share(teachable(plain))]
    notes = _head(chosen, features, QUESTION_LIFT, TASK_LIFT)
    real = [one for one in chosen if one.origin == "real"]
    if not real:
        return TwoHeads(notes, notes)
    return TwoHeads(notes, _head(real, features, QUESTION_LIFT + ROUGH_MORE, TASK_LIFT - ROUGH_MORE))


def kinds_of(heads: TwoHeads, examples: Sequence[Example], features: Features) -> Doubles:
    readings = [reading_of(one) for one in examples]
    return np.stack([heads.of(rough=one.rough).probabilities(features.row(one)) for one in readings])


def _head(chosen: Sequence[Example], features: Features, question: float, task: float) -> Head:
    rows = [features.row_of(pieces_of(one)) for one in chosen]
    answers = [KINDS.index(one.kind) for one in chosen if one.kind is not None]
    sizes = Counter(one.source for one in chosen)
    weights = [sizes[one.source] ** -0.5 for one in chosen]
    head = fit_head(rows, features, KIND_RECIPE, answers, len(KINDS), weights=weights)
    lifts = {Kind.QUESTION: question, Kind.TASK: task}
    lift = np.array([lifts.get(kind, 0.0) for kind in KINDS], dtype=np.float32)
    return Head(head.slopes, head.offsets + lift, head.temperature)


PER_SOURCE = 120


def even_share(plain: Sequence[Example]) -> list[Example]:
    """At most `PER_SOURCE` issues from each repository, spread over its history."""
    by_source: defaultdict[str, list[Example]] = defaultdict(list)
    for one in plain:
        by_source[one.source].append(one)
    return [one for listed in by_source.values() for one in listed[:: max(1, math.ceil(len(listed) / PER_SOURCE))]]


def fit_roles(layered: Sequence[Example], features: Features, layers: Doubles, kinds: Doubles) -> Head:
    """`layers` and `kinds` are the answers of the other heads; the layers held out, as they will be in use."""
    rows = [
        with_answers(features.row(reading_of(one)), features.size, layer, kind)
        for one, layer, kind in zip(layered, layers, kinds, strict=True)
    ]
    answers = [ROLES.index(one.role) for one in layered if one.role is not None]
    return fit_head(rows, features, ROLE_RECIPE, answers, len(ROLES), extra=len(DEFAULT_LAYERS) + len(KINDS))
