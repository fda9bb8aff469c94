"""The local engine: `graphs.ports.Model` with nothing but the shipped numbers.

Owns the answer's shape and what becomes of a taxonomy it was not trained for: a layer it never saw gets nothing and the
answer says that it stands on strange ground; a taxonomy of which it knows no layer is refused. Must not reach for a
network or a file other than its artefact, and must not load it before the first ticket.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from graphs.errors import EngineUnavailable
from graphs.learning import artefact
from graphs.learning.corpus import KINDS, ROLES
from graphs.learning.evidence import quotes_for
from graphs.learning.features import Row
from graphs.learning.risks import risks_of
from graphs.learning.scoring import LexicalModel
from graphs.learning.text import read
from graphs.model import Analysis, CleanTicket, Kind, LayerId
from graphs.ports import Dossier

MIN_KNOWN_WORDS = 8
MIN_KNOWN_SHARE = 0.6
"""Below either, a ticket is strange ground. Real tickets of the trade know 85 % of their words in the middle and 71 %
at the fifth percentile; texts of other trades or languages stay under 60 %."""

SET_SHARE = 0.85
MIN_SECONDARY = 0.2

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
    """Answers in a few milliseconds. The model is loaded by the first ticket and then shared by all."""

    name = artefact.ENGINE

    def __init__(self, folder: Path = artefact.SHIPPED) -> None:
        self._folder = folder
        self._model: LexicalModel | None = None
        self._loading = threading.Lock()

    async def analyse(self, dossier: Dossier) -> Analysis:
        """Raises `EngineUnavailable` where it knows none of the layers, or without a usable model."""
        # In a thread: a long ticket takes some milliseconds and the first one loads the model; the loop must not wait.
        return await asyncio.to_thread(self.analyse_now, dossier)

    def analyse_now(self, dossier: Dossier) -> Analysis:
        """The same answer without a loop, for measuring and the terminal."""
        model = self._ready()
        found = answer(model, dossier.ticket, self.name)
        strange = untrained(dossier.layers, model.layers)
        if not strange and set(dossier.layers) == set(model.layers):
            return found
        shared = {layer: found.layer_scores[layer] for layer in dossier.layers if layer not in strange}
        whole = sum(shared.values())
        if not whole:
            raise EngineUnavailable(f"the local engine knows none of the layers ({', '.join(strange)})")

        def kept(layers: tuple[LayerId, ...]) -> tuple[LayerId, ...]:
            return tuple(one for one in layers if one in shared)

        quotes = found.evidence if found.layer in shared else ()
        scores = dict.fromkeys(strange, 0.0) | {layer: score / whole for layer, score in shared.items()}
        return found.model_copy(
            update={
                "layer_scores": scores,
                "evidence": quotes,
                "known_ground": False,
                "layer_set": kept(found.layer_set),
                "secondary": kept(found.secondary),
            }
        )

    def _ready(self) -> LexicalModel:
        with self._loading:
            if self._model is None:
                self._model = artefact.load(self._folder)
            return self._model


def untrained(asked: Iterable[LayerId], trained: Iterable[str]) -> tuple[LayerId, ...]:
    """Layers of a team's own that the model has never seen: people can choose them, it cannot propose them."""
    known = set(trained)
    return tuple(layer for layer in asked if layer not in known)


def answer(model: LexicalModel, ticket: CleanTicket, name: str) -> Analysis:
    row = model.features.row(read(ticket.title, ticket.body))
    layers = model.layer.probabilities(row)
    kinds = model.kind.probabilities(row)
    roles = model.roles(row, layers, kinds)
    order = [LayerId(model.layers[at]) for at in np.argsort(-layers, kind="stable")]
    sums = np.cumsum(np.sort(layers)[::-1])
    return Analysis(
        layer_scores={LayerId(layer): float(score) for layer, score in zip(model.layers, layers, strict=True)},
        layer_set=tuple(order[: 1 + int((sums < SET_SHARE).sum())]),
        secondary=tuple(one for one in order[1:3] if layers[model.layers.index(one)] >= MIN_SECONDARY),
        kind=named_kind(ticket.title) or KINDS[int(kinds.argmax())],
        role=ROLES[int(roles.argmax())],
        risks=risks_of(ticket.title, ticket.body),
        evidence=quotes_for(model, int(layers.argmax()), ticket.title, ticket.body),
        engine=name,
        known_ground=on_known_ground(row),
    )


def named_kind(title: str) -> Kind | None:
    """What the reporter's own prefix says, such as `[Bug]`."""
    return next((kind for kind, pattern in _NAMED_KIND if pattern.match(title)), None)


def on_known_ground(row: Row) -> bool:
    """Enough words, and enough of them seen in training."""
    return row.known_words >= MIN_KNOWN_WORDS and row.known_words >= MIN_KNOWN_SHARE * row.distinct_words
