"""Kinds and roles of repositories never seen, as `graphs.learning.measure_folds` measures them.

Owns the table. Raises `ValueError` where that module's figures have another shape than this one knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from graphs.evaluation.intervals import Figure, share
from graphs.evaluation.proof.layers import PUBLIC
from graphs.evaluation.proof.tables import Line, Table
from graphs.learning import artefact, corpus
from graphs.learning.measure_folds import kinds_by_folds

SHOWN = {
    "clicked_unseen_repositories": "bug, feature or question as maintainers clicked",
    "clicked_unseen_repositories_stripped": "the same without forms and prefixes such as [Bug]",
    "clicked_without_repositories_that_ask_by_habit": "the same without projects that call a third of all questions",
    "written": "written tickets, four kinds",
    "real_train": "real issues, four kinds by the guide",
}


class _Scores(BaseModel):
    model_config = ConfigDict(extra="ignore")

    n: int
    accuracy: float
    accuracy_95: tuple[float, float]
    macro_f1: float
    macro_f1_95: tuple[float, float]
    support: dict[str, int]


_SCORES = TypeAdapter(_Scores)


def kinds(folder: Path) -> Table:
    model, real = artefact.load(artefact.SHIPPED), corpus.real(folder)
    found = kinds_by_folds(model, [*corpus.written(), *real.train], [one for one in real.plain if one.kind is not None])
    lines: list[Line] = []
    for key, words in SHOWN.items():
        one = _SCORES.validate_python(found[key])
        most = max(one.support.values()) / one.n
        lines += [
            Line(what=f"{words}: accuracy", figure=_figure(one.accuracy, one.accuracy_95, one.n, "wilson")),
            Line(what=f"{words}: macro-F1", figure=_figure(one.macro_f1, one.macro_f1_95, one.n, "bootstrap")),
            Line(what="accuracy, always the most frequent kind", figure=_share(most, one.n), kind="baseline"),
        ]
    return Table(
        key="kinds",
        title="Kinds, repositories never seen",
        about=(
            (
                "Heads trained without the repository they are asked about (grouped five-fold). What maintainers click"
                " is noisy: some projects call nearly everything a question."
            ),
        ),
        source=PUBLIC,
        lines=tuple(lines),
    )


def _figure(value: float, bounds: tuple[float, float], n: int, method: Literal["wilson", "bootstrap"]) -> Figure:
    return Figure(value=value, low=min(bounds[0], value), high=max(bounds[1], value), n=n, method=method)


def _share(value: float, n: int) -> Figure | None:
    return share(round(value * n), n)
