"""The local engine: `graphs.ports.Model` with nothing but the shipped numbers.

Owns the answer's shape and what becomes of a taxonomy it was not trained for: a layer it never saw gets nothing and the
answer says that it stands on strange ground; a taxonomy of which it knows no layer is refused. Must not reach for a
network or a file other than its artefact, and must not load it before the first ticket.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from graphs.errors import EngineUnavailable
from graphs.learning import artefact, artefact_stacked
from graphs.learning.calibration import WIDEST, Doubles
from graphs.learning.corpus import KINDS, ROLES
from graphs.learning.evidence import quotes_for
from graphs.learning.features import Row
from graphs.learning.online import MOST, Decided, Lesson, Memory, Precedents, text_of
from graphs.learning.panel import Panel
from graphs.learning.risks import risks_of
from graphs.learning.scoring import LexicalModel
from graphs.learning.taught import AT_ONCE, Taught
from graphs.learning.text import read
from graphs.model import Analysis, CleanTicket, Kind, LayerId, Precedent, TicketKey
from graphs.ports import Dossier

MIN_KNOWN_WORDS = 8
MIN_KNOWN_SHARE = 0.6
"""Below either, a ticket is strange ground. Real tickets of the trade know 85 % of their words in the middle and 71 %
at the fifth percentile; texts of other trades or languages stay under 60 %."""

_NAMED_KIND = (
    (Kind.BUG, re.compile(r"^\s*(?:[\[【(]\s*(?:bug|bug report|错误)\s*[\]】)]|bug\s*[:：])", re.IGNORECASE)),  # noqa: RUF001
    (
        Kind.FEATURE,
        re.compile(
            r"^\s*(?:[\[【(]\s*(?:feat|feature|feature request|enhancement|功能|建议)\s*[\]】)]|(?:feat|feature)\s*(?:\([^)]*\))?\s*[:：])",  # noqa: E501,RUF001
            re.IGNORECASE,
        ),
    ),
    (Kind.QUESTION, re.compile(r"^\s*[\[【(]\s*(?:question|help|提问|问题|咨询)\s*[\]】)]", re.IGNORECASE)),
    (
        Kind.TASK,
        re.compile(
            r"^\s*(?:[\[【(]\s*(?:docs?|chore|task|refactor)\s*[\]】)]|(?:docs?|chore)\s*[:：])",  # noqa: RUF001
            re.IGNORECASE,
        ),
    ),
)


class LocalEngine:
    """Answers in a few milliseconds. The model is loaded by the first ticket and then shared by all.

    With `precedents` it also learns from what the team has decided, from the very next ticket on.
    """

    def __init__(
        self, folder: Path = artefact.SHIPPED, precedents: Precedents | None = None, *, stacked: bool = False
    ) -> None:
        self.name = artefact_stacked.ENGINE if stacked else artefact.ENGINE
        self._stacked = stacked
        self._folder = folder
        self._precedents = precedents
        self._taught = Taught()
        self._model: Panel | None = None
        self._loading = threading.Lock()

    async def analyse(self, dossier: Dossier) -> Analysis:
        """Raises `EngineUnavailable` where it knows none of the layers, or without a usable model."""
        # In a thread: a long ticket takes some milliseconds and the first one loads the model; the loop must not wait.
        decided = await self._precedents.decided(dossier.ticket) if self._precedents else ()
        return await asyncio.to_thread(self.analyse_now, dossier, decided, AT_ONCE)

    def analyse_now(self, dossier: Dossier, decided: Sequence[Decided] = (), at_once: int = MOST) -> Analysis:
        """The same answer without a loop, for measuring and the terminal.

        `at_once`: how many decisions are read that were not read before; the newest come first, the rest next time.
        """
        model = self._ready()
        # A ticket that is triaged anew is not taught by what was decided about itself: it may have changed.
        others = [one for one in decided if one.key != dossier.ticket.ref.key]
        memory = self._taught.memory(self.lessons(others, at_once), len(model.layers)) if others else None
        found = answer(model, dossier.ticket, self.name, memory)
        strange = untrained(dossier.layers, model.layers)
        if not strange and set(dossier.layers) == set(model.layers):
            return found
        shared = {layer: found.layer_scores[layer] for layer in dossier.layers if layer not in strange}
        whole = sum(shared.values())
        if not whole:
            raise EngineUnavailable(f"the local engine knows none of the layers ({', '.join(strange)})")
        quotes = found.evidence if found.layer in shared else ()
        scores = dict.fromkeys(strange, 0.0) | {layer: score / whole for layer, score in shared.items()}
        return found.model_copy(
            update={
                "layer_scores": scores,
                "evidence": quotes,
                "known_ground": False,
                "abstains": True,
                # What it never saw may be right too: the set of a strange taxonomy holds every layer.
                "layer_set": tuple(sorted(scores, key=lambda one: -scores[one])),
                "secondary": tuple(one for one in found.secondary if one in shared),
            }
        )

    def lessons(self, decided: Sequence[Decided], at_once: int = MOST) -> list[Lesson]:
        """What the decisions teach; those for a layer that the engine does not know teach nothing."""
        model = self._ready()
        learnable = [one for one in decided[:MOST] if one.layer in model.layers]
        return self._taught.lessons(learnable, lambda one: lesson(model, one), at_once)

    def precedents(
        self, ticket: CleanTicket, decided: Sequence[Decided], most: int
    ) -> tuple[tuple[TicketKey, float], ...]:
        """The decided tickets that are most like this one, with their likeness (cosine, 0..1), best first."""
        model = self._ready()
        features = model.lexical.features
        row = features.row(read(ticket.title, ticket.body))
        return Memory.of(self.lessons(decided), len(model.layers)).nearest(*text_of(features, row), most)

    def _ready(self) -> Panel:
        with self._loading:
            if self._model is None:
                added = artefact_stacked.load(self._folder) if self._stacked else None
                self._model = Panel(artefact.load(self._folder), added)
            return self._model


def untrained(asked: Iterable[LayerId], trained: Iterable[str]) -> tuple[LayerId, ...]:
    """Layers of a team's own that the model has never seen: people can choose them, it cannot propose them."""
    known = set(trained)
    return tuple(layer for layer in asked if layer not in known)


def lesson(model: Panel, decided: Decided) -> Lesson:
    """What a decision teaches. Its layer must be one that the model knows."""
    reading = read(decided.ticket.title, decided.ticket.body)
    row = model.lexical.features.row(reading)
    at, text = text_of(model.lexical.features, row)
    said = model.layer_probabilities(reading, row)
    answer_ = model.layers.index(decided.layer)
    return Lesson(decided.key, decided.by, at=at, text=text, said=said, answer=answer_, ref=decided.ticket.ref)


def answer(panel: Panel, ticket: CleanTicket, name: str, memory: Memory | None = None) -> Analysis:
    model = panel.lexical
    reading = read(ticket.title, ticket.body)
    row = model.features.row(reading)
    layers = panel.layer_probabilities(reading, row)
    precedents: tuple[Precedent, ...] = ()
    if memory is not None:
        layers, precedents = _taught(model, row, layers, memory)
    kinds = model.kind.of(rough=reading.rough).probabilities(row)
    roles = model.roles(row, layers, kinds)
    known = on_known_ground(row)
    order = likeliest_first(layers)
    among = panel.calibration.layer_set(layers, rough=reading.rough) if known else order
    return Analysis(
        layer_scores={LayerId(layer): float(score) for layer, score in zip(model.layers, layers, strict=True)},
        kind=named_kind(ticket.title) or KINDS[int(kinds.argmax())],
        role=ROLES[int(roles.argmax())],
        risks=risks_of(ticket.title, ticket.body),
        evidence=quotes_for(
            model, model.layer.of(rough=reading.rough), int(layers.argmax()), ticket.title, ticket.body
        ),
        engine=name,
        known_ground=known,
        layer_set=tuple(LayerId(model.layers[at]) for at in among),
        secondary=tuple(LayerId(model.layers[at]) for at in model.seconds(layers)),
        abstains=not known or len(among) > WIDEST,
        precedents=precedents,
    )


def _taught(model: LexicalModel, row: Row, plain: Doubles, memory: Memory) -> tuple[Doubles, tuple[Precedent, ...]]:
    """The probabilities after what the team decided, and the decisions that moved them."""
    near = memory.likeness(*text_of(model.features, row))
    moved = memory.moved(plain, near)
    pulls = memory.pulls(plain, moved, near)
    return moved, tuple(
        Precedent(ref=one.ref, layer=LayerId(model.layers[one.answer]), likeness=round(min(one.likeness, 1.0), 4))
        for one in pulls
    )


def likeliest_first(layers: Doubles) -> tuple[int, ...]:
    """All of them: on strange ground no smaller set can be promised."""
    return tuple(int(at) for at in np.argsort(-layers, kind="stable"))


def named_kind(title: str) -> Kind | None:
    """What the reporter's own prefix says, such as `[Bug]`."""
    return next((kind for kind, pattern in _NAMED_KIND if pattern.match(title)), None)


def on_known_ground(row: Row) -> bool:
    """Enough words, and enough of them seen in training."""
    return row.known_words >= MIN_KNOWN_WORDS and row.known_words >= MIN_KNOWN_SHARE * row.distinct_words
