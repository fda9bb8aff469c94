"""What the layers' parts are worth: each family of features left out, and a team's own decisions put in.

Owns the tables. The figures are those of `graphs.learning`, read back from its JSON.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from graphs.evaluation import golden
from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.intervals import Figure, share
from graphs.evaluation.proof.layers import PUBLIC
from graphs.evaluation.proof.tables import Kind, Line, Table, Test
from graphs.learning import artefact, corpus
from graphs.learning.measure_folds import ablation
from graphs.learning.measure_online import replay


class _Left(BaseModel):
    model_config = ConfigDict(extra="ignore")

    accuracy: float
    macro_f1: float
    macro_f1_95: tuple[float, float]


class _Both(BaseModel):
    written: _Left
    real_unseen_repositories: _Left


class _Replayed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    n: int
    accuracy_without: float
    accuracy_with: float
    mended: int
    broken: int


def decisions(folder: Path) -> Table:
    """Real issues in time order, each repository's first ones teaching the later ones."""
    real = corpus.real(folder)
    written = len(corpus.written())
    held, layers = golden.held_folds(folder)
    found = _Replayed.model_validate(
        replay(
            artefact.load(artefact.SHIPPED),
            real.train,
            layers[written:],
            held.answers[written:].tolist(),
            real.plain,
        )
    )
    return Table(
        key="decisions",
        title="What a team's own decisions teach",
        about=(
            (
                "Labelled real issues of repositories never seen, in time order: each is asked, then taught as a"
                " decision teaches the bot. The first of a repository is not counted."
            ),
        ),
        source=PUBLIC,
        lines=(
            Line(what="accuracy, taught by what was decided before", figure=_share(found.accuracy_with, found.n)),
            Line(what="accuracy, not taught", figure=_share(found.accuracy_without, found.n), kind="baseline"),
        ),
        tests=(
            Test(
                what="Taught against not taught",
                mcnemar=mcnemar(
                    [True] * found.broken + [False] * found.mended, [False] * found.broken + [True] * found.mended
                ),
            ),
        ),
    )


def families(folder: Path) -> Table:
    """The layers without each family of features, trained anew each time."""
    sizes = (len(corpus.written()), len(corpus.real(folder).train))
    lines: list[Line] = []
    for name, told in ablation(folder).items():
        both = _Both.model_validate(told)
        kind: Kind = "ours" if name.startswith("all") else "part"
        lines += [
            Line(what=f"{name}: macro-F1, written", figure=_macro(both.written, sizes[0]), kind=kind),
            Line(what=f"{name}: macro-F1, real", figure=_macro(both.real_unseen_repositories, sizes[1]), kind=kind),
        ]
    return Table(
        key="families",
        title="Layers without each family of features",
        about=("Models trained anew without one family, asked about repositories never seen, before calibration.",),
        source=PUBLIC,
        lines=tuple(lines),
    )


def _macro(one: _Left, n: int) -> Figure:
    low, high = one.macro_f1_95
    bounds = {"low": min(low, one.macro_f1), "high": max(high, one.macro_f1)}
    return Figure.model_validate({"value": one.macro_f1, "n": n, "method": "bootstrap", **bounds})


def _share(value: float, n: int) -> Figure | None:
    return share(round(value * n), n)
