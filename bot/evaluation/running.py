"""Runs an evaluation: which tickets, which engine, which layers, what is compared with what.

Owns how the parts are put together. Must not write to the terminal or to a file but through what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.evaluation.explaining import explained
from bot.settings import Settings
from graphs.errors import StrataError
from graphs.evaluation import golden
from graphs.evaluation.answers import Analyst, Answer, OfTheProduct, read_answers
from graphs.evaluation.cases import Case, known_layers, read_cases
from graphs.evaluation.regression import Judgement, judged
from graphs.evaluation.report import Report, measured
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies
from prompts.loader import load as load_prompt

TELL_EVERY = 200
Tell = Callable[[str], None]


class BadReport(StrataError):
    """The saved report cannot be used."""


def of_file(
    settings: Settings, analyst: Analyst, file: Path, answers: Sequence[Path], target: float, tell: Tell
) -> Report:
    """Labelled tickets of a file, answered by an engine of ours or by whoever wrote `answers`.

    Raises `graphs.evaluation.cases.BadTickets`.
    """
    taxonomy = LayerTaxonomy(load_policies(settings.strata_policies))
    read = known_layers(read_cases(file), taxonomy.layers)
    for one in read.bad:
        tell(f"{file.name}, {one.text()}")
    if answers:
        told = read_answers(answers, taxonomy.layers)
        report = measured(file.name, read.cases, told.answers, layers=taxonomy.layers, target=target)
        return report.model_copy(update={"bad_lines": (*read.bad, *told.bad)})
    found = asked(read.cases, OfTheProduct(analyst, taxonomy.layers), tell)
    report = measured(file.name, read.cases, found, layers=taxonomy.layers, target=target)
    marks = explained(read.cases, analyst, taxonomy, load_prompt("comment"))
    return report.model_copy(update={"bad_lines": read.bad, "explanations": marks})


def of_golden(settings: Settings, analyst: Analyst, data: Path | None, tell: Tell) -> Report:
    """This project's own tickets: the written ones, or with a data folder the real ones. Raises `BadTickets`."""
    if data is None:
        tell("training anew, for the shipped engine knows these tickets …")
        return golden.written()
    taxonomy = LayerTaxonomy(load_policies(settings.strata_policies))
    report = golden.real(data, OfTheProduct(analyst))
    marks = explained(golden.real_cases(data), analyst, taxonomy, load_prompt("comment"))
    return report.model_copy(update={"explanations": marks})


def asked(cases: Sequence[Case], engine: OfTheProduct, tell: Tell) -> Mapping[str, Answer]:
    answers = {}
    for at, case in enumerate(cases, 1):
        answers[case.id] = engine.answer(case.title, case.body)
        if at % TELL_EVERY == 0:
            tell(f"{at} of {len(cases)} tickets answered …")
    return answers


def compared(saved: Path, report: Report, tolerance: float) -> Judgement:
    """Raises `BadReport`, `graphs.evaluation.regression.NotComparable`."""
    try:
        old = Report.model_validate_json(saved.read_bytes())
    except OSError as error:
        raise BadReport(f"{saved} cannot be read: {error.strerror}") from None
    except ValidationError:
        raise BadReport(f"{saved} is no report of this version: make one with strata eval … --json {saved}") from None
    return judged(old, report, tolerance=tolerance)
