"""The tickets this project measures itself with, and honest answers to them.

Owns what was trained on what. The shipped engine has seen the written tickets in training, so asking it about them
would measure memory: for these, models are trained anew that never saw the repository a ticket stems from, by the same
recipe as the shipped one, and calibrated without the fold they are asked about. The real measuring set of a data folder
was never trained on; there the shipped engine itself is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from graphs.evaluation.answers import Answer, Engine
from graphs.evaluation.baselines import TFIDF, tfidf_out_of_fold, tfidf_trained_on
from graphs.evaluation.cases import BadTickets, Case, read_cases
from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.intervals import share
from graphs.evaluation.report import Report, measured
from graphs.learning import artefact, corpus
from graphs.learning.calibration import Doubles
from graphs.learning.corpus import DEFAULT_LAYERS, Example, Sample
from graphs.learning.fit_calibration import HeldOut, crossed, floors_without
from graphs.learning.fit_layers import held_out
from graphs.learning.fit_words import fit_vectors
from graphs.learning.risks import risks_of
from graphs.model import LayerId

_NEVER_SEEN = (
    "The shipped engine was trained on these tickets. So the layers here come from models of the same recipe, trained"
    " anew without any ticket of the repository they are asked about (grouped five-fold), temperatures and layer sets"
    " fitted on the other folds: figures for tickets never seen. A ticket after no issue is a group of its own."
)
_LABELS = (
    "Tickets and labels were written by a language model, the labels of 211 of those after public issues twice and"
    " blind to each other (98 % agree); no person labelled them. Many are hard on purpose, so figures are lower than on"
    " a natural mix; and tickets by one writer are more alike than those of a real team, which makes figures kinder."
)
WRITTEN_NOTES = (
    _NEVER_SEEN,
    _LABELS,
    "Risk flags come from rules that were written with some of these tickets in sight: their figures are optimistic.",
)
FOLDS_NOTES = (
    _NEVER_SEEN,
    (
        "The real ones have one label each, of which fewer than half were given with high confidence. Some were chosen"
        " to hold more of the rarer layers, some drawn at random (at most 45 of a repository)."
    ),
)
UNSEEN_NOTES = (
    (
        "A random sample of public issues of 13 repositories, from the research dataset Niruthiha/labelled_data_only;"
        " no labelled real issue of these repositories was trained on. One label each, by a language model."
    ),
)
REAL_NOTES = (
    (
        "Real issues in their natural mix, from the public research dataset Niruthiha/labelled_data_only; the engine"
        " was not trained on them, but on other issues of the same repositories. Only issues on whose layer two"
        " independent labellers agree are counted; the labels come from a language model."
    ),
)
WRITTEN, FOLDS, REAL, UNSEEN = (
    "written tickets, out of fold",
    "written and real tickets, out of fold",
    "real issues, natural mix",
    "real issues, repositories never seen",
)


def written() -> Report:
    """The shipped tickets, answered out of fold by models that were trained on shipped tickets alone."""
    cases, examples = written_cases(), corpus.written()
    vectors = artefact.load(artefact.SHIPPED).features.vectors
    held = held_out(examples, corpus.seeds(), vectors)
    report = measured(WRITTEN, cases, _answers(cases, held, crossed(held)))
    naive = tfidf_out_of_fold(cases, [one.source for one in examples])
    return _beside(report, cases, naive, WRITTEN_NOTES)


def folds(folder: Path) -> Report:
    """Written tickets and labelled real issues together, answered out of fold. Raises `BadTickets`."""
    taught = _data(folder).train
    cases = (*written_cases(), *(_case(at, one) for at, one in enumerate(taught)))
    report = measured(FOLDS, cases, _answers(cases, *held_folds(folder)))
    naive = tfidf_out_of_fold(cases, [one.source for one in (*corpus.written(), *taught)])
    return _beside(report, cases, naive, FOLDS_NOTES)


def real(folder: Path, engine: Engine) -> Report:
    """The real measuring set of a data folder. Raises `BadTickets`."""
    cases = real_cases(folder)
    report = measured(REAL, cases, {case.id: engine.answer(case.title, case.body) for case in cases})
    naive = tfidf_trained_on(written_cases(), cases)
    return _beside(report, cases, naive, REAL_NOTES)


def unseen(folder: Path, engine: Engine) -> Report:
    """The random sample of repositories that were not trained on. Raises `BadTickets`."""
    cases = unseen_cases(folder)
    report = measured(UNSEEN, cases, {case.id: engine.answer(case.title, case.body) for case in cases})
    naive = tfidf_trained_on(written_cases(), cases)
    return _beside(report, cases, naive, UNSEEN_NOTES)


def unseen_cases(folder: Path) -> tuple[Case, ...]:
    """Raises `BadTickets`."""
    return tuple(
        Case(id=f"unseen-{at}", title=one.title, body=one.body, layer=one.layer, kind=one.kind, tracker="github")
        for at, one in enumerate(_data(folder).unseen)
    )


def written_cases() -> tuple[Case, ...]:
    """In the order of `graphs.learning.corpus.written`."""
    folder = resources.files("graphs.learning") / "data"
    names = sorted(one.name for one in folder.iterdir() if one.name.startswith("tickets-"))
    cases: list[Case] = []
    for name in ("written.jsonl", *names):
        with resources.as_file(folder / name) as path:
            cases += read_cases(path).cases
    origins = ("of an invented team" if one.invented else "after a public issue" for one in corpus.written())
    return tuple(one.model_copy(update={"origin": origin}) for one, origin in zip(cases, origins, strict=True))


def real_cases(folder: Path) -> tuple[Case, ...]:
    """Issues whose two labels agree; kind and role only where those agree too. Raises `BadTickets`."""
    dev = _data(folder).dev
    lines = (folder / "golden/real-dev.jsonl").read_text("utf-8").splitlines()
    return tuple(
        Case(
            id=json.loads(line)["id"],
            title=one.example.title,
            body=one.example.body,
            layer=one.layers[0],
            kind=one.kinds[0] if one.kinds[0] == one.kinds[1] else None,
            role=one.roles[0] if one.roles[0] == one.roles[1] else None,
            tracker="github",
        )
        for line, one in zip(lines, dev, strict=True)
        if one.layers[0] == one.layers[1]
    )


def _beside(report: Report, cases: Sequence[Case], naive: Mapping[str, Answer], notes: tuple[str, ...]) -> Report:
    """With the plain text classifier as a baseline; the majority class stands in the section itself."""
    ours = {one.id: one.right for one in report.outcomes}
    asked = [case for case in cases if case.id in naive and case.id in ours]
    theirs = [naive[case.id].layer == case.layer for case in asked]
    figure = share(sum(theirs), len(theirs))
    told: dict[str, object] = {"notes": notes}
    if figure is not None:
        told["baselines"] = {TFIDF: figure}
        told["against_baselines"] = {TFIDF: mcnemar(theirs, [ours[case.id] for case in asked])}
    return report.model_copy(update=told)


@cache
def held_folds(folder: Path) -> tuple[HeldOut, Doubles]:
    """Written tickets, then the labelled real ones: answers of models that never saw their source, and calibrated.

    Kept for the process, because it takes a minute. Raises `BadTickets`.
    """
    real = _data(folder)
    held = held_out([*corpus.written(), *real.train], corpus.seeds(), fit_vectors(real.plain))
    return held, crossed(held)


def _answers(cases: Sequence[Case], held: HeldOut, layers: Doubles) -> Mapping[str, Answer]:
    sets = _sets(held, layers)
    return {
        case.id: Answer(
            scores={layer: float(one) for layer, one in zip(DEFAULT_LAYERS, row, strict=True)},
            layer_set=chosen,
            risks=risks_of(case.title, case.body),
            engine=f"{artefact.ENGINE}, out of fold",
        )
        for case, row, chosen in zip(cases, layers, sets, strict=True)
    }


def _sets(held: HeldOut, layers: Doubles) -> list[tuple[LayerId, ...]]:
    """Layer sets with floors that were fitted on the other folds."""
    found: list[tuple[LayerId, ...]] = [()] * len(layers)
    for fold in sorted(set(held.folds.tolist())):
        floors = floors_without(layers, held, fold)
        for at in np.flatnonzero(held.folds == fold):
            best = int(layers[at].argmax())
            floor = floors[int(held.rough[at])]
            found[at] = tuple(
                layer for one, layer in enumerate(DEFAULT_LAYERS) if one == best or layers[at][one] >= floor
            )
    return found


def _case(at: int, one: Example) -> Case:
    origin = "real issue, drawn at random" if one.sample is Sample.NATURAL else "real issue, chosen"
    return Case(id=f"real-{at}", title=one.title, body=one.body, layer=one.layer, origin=origin, tracker="github")


def _data(folder: Path) -> corpus.RealData:
    try:
        return corpus.real(folder)
    except (OSError, ValueError, KeyError) as error:
        raise BadTickets(
            f"{folder} is no data folder ({type(error).__name__}): it holds golden/real-dev.jsonl,"
            " golden/real-train.jsonl and data/llm-app-issues/issues.jsonl.gz"
        ) from None
