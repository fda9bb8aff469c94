"""The tickets this project measures itself with, and honest answers to them.

Owns what was trained on what. The shipped engine has seen the written tickets in training, so asking it about them
would measure memory: for these, models are trained anew that never saw the repository a ticket stems from, by the same
recipe as the shipped one. The real measuring set of a data folder was never trained on; there the shipped engine
itself is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path

from graphs.evaluation.answers import Answer, Engine
from graphs.evaluation.baselines import TFIDF, tfidf_out_of_fold, tfidf_trained_on
from graphs.evaluation.cases import BadTickets, Case, read_cases
from graphs.evaluation.intervals import Figure, share
from graphs.evaluation.report import Report, measured
from graphs.learning import artefact, corpus
from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.learning.fit import out_of_fold
from graphs.learning.risks import risks_of
from graphs.learning.scoring import softmax

WRITTEN_NOTES = (
    (
        "These tickets were written for this project and the shipped engine was trained on them. So the layers here"
        " come from models of the same recipe, trained anew without any ticket of the repository they are asked about"
        " (grouped five-fold): figures for tickets never seen."
    ),
    (
        "All labels were given by a language model, twice and blind to each other, which agreed on 98 % of the layers;"
        " no person labelled them. 40 % of the tickets are hard on purpose, so figures are lower than on a natural mix."
    ),
    "Word vectors come from unlabelled public issues, among them issues of the same repositories.",
    "The temperature was fitted on answers like these, so the calibration error here is optimistic.",
    "Risk flags come from rules that were written with these tickets in sight: their figures are optimistic.",
)
REAL_NOTES = (
    (
        "Real issues in their natural mix, from the public research dataset Niruthiha/labelled_data_only; the engine"
        " was not trained on them, but on other issues of the same repositories. Only issues on whose layer two"
        " independent labellers agree are counted; the labels come from a language model."
    ),
)
WRITTEN, REAL = "written tickets, out of fold", "real issues, natural mix"


def written() -> Report:
    """The shipped tickets, answered out of fold."""
    cases = written_cases()
    with _written_file() as path:
        groups = [_repository(line) for line in path.read_text("utf-8").splitlines()]
    report = measured(WRITTEN, cases, written_answers(cases))
    baselines = baseline_figures(cases, tfidf_out_of_fold(cases, groups))
    return report.model_copy(update={"notes": WRITTEN_NOTES, "baselines": baselines})


def written_cases() -> tuple[Case, ...]:
    with _written_file() as path:
        return read_cases(path).cases


def _written_file() -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("graphs.learning") / "data" / "written.jsonl")


def written_answers(cases: tuple[Case, ...]) -> Mapping[str, Answer]:
    """Layers by models that saw no ticket of the same repository."""
    model = artefact.load(artefact.SHIPPED)
    raw = out_of_fold(corpus.written(), corpus.seeds(), model.features.vectors)
    return {
        case.id: Answer(
            scores={layer: float(one) for layer, one in zip(DEFAULT_LAYERS, row, strict=True)},
            risks=risks_of(case.title, case.body),
            engine=f"{artefact.ENGINE}, out of fold",
        )
        for case, row in zip(cases, softmax(raw / model.layer.temperature), strict=True)
    }


def real(folder: Path, engine: Engine) -> Report:
    """The real measuring set of a data folder. Raises `BadTickets`."""
    cases = real_cases(folder)
    report = measured(REAL, cases, {case.id: engine.answer(case.title, case.body) for case in cases})
    naive = tfidf_trained_on(written_cases(), cases)
    return report.model_copy(update={"notes": REAL_NOTES, "baselines": baseline_figures(cases, naive)})


def real_cases(folder: Path) -> tuple[Case, ...]:
    """Issues whose two labels agree; kind and role only where those agree too. Raises `BadTickets`."""
    try:
        dev = corpus.real(folder).dev
        ids = [json.loads(line)["id"] for line in (folder / "golden/real-dev.jsonl").read_text("utf-8").splitlines()]
    except (OSError, ValueError, KeyError) as error:
        raise BadTickets(
            f"{folder} is no data folder ({type(error).__name__}): it holds golden/real-dev.jsonl,"
            " golden/real-train.jsonl and data/llm-app-issues/issues.jsonl.gz"
        ) from None
    return tuple(
        Case(
            id=name,
            title=one.example.title,
            body=one.example.body,
            layer=one.layers[0],
            kind=one.kinds[0] if one.kinds[0] == one.kinds[1] else None,
            role=one.roles[0] if one.roles[0] == one.roles[1] else None,
            tracker="github",
        )
        for name, one in zip(ids, dev, strict=True)
        if one.layers[0] == one.layers[1]
    )


def baseline_figures(cases: tuple[Case, ...], naive: Mapping[str, Answer]) -> dict[str, Figure]:
    """Accuracy of the plain text classifier; the majority class stands in the section itself."""
    right = [naive[case.id].layer == case.layer for case in cases if case.layer is not None and case.id in naive]
    figure = share(sum(right), len(right))
    return {TFIDF: figure} if figure is not None else {}


def _repository(line: str) -> str:
    return str(json.loads(line)["source"]).partition("#")[0]
