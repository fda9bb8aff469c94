"""One evaluation as a value: every section with its figures, and the outcomes that a later version is compared with.

Owns which question is asked of which tickets. A section is None where the tickets hold no truth for it or the engine
says nothing about it. Holds ids, labels and numbers, and no text of a ticket.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field

from graphs.evaluation.answers import Answer, as_filed
from graphs.evaluation.calibration import Calibration, calibrated
from graphs.evaluation.cases import BadLine, Case
from graphs.evaluation.classes import ClassFigures, Classification, classify
from graphs.evaluation.comparing import McNemar, Outcome
from graphs.evaluation.coverage import TARGET, CoverageCurve, SetFigures, curve, layer_sets
from graphs.evaluation.intervals import SEED, Figure, bare, bounded, share
from graphs.evaluation.ranking import Ranking, ranked
from graphs.evaluation.rubric import RubricFigures
from graphs.evaluation.slicing import Slice, sliced
from graphs.learning.corpus import DEFAULT_LAYERS, KINDS, ROLES
from graphs.model import LayerId, Risk, Value

FORMAT = 1


class LayerSection(Value):
    figures: Classification
    accepted: Figure | None
    """Accuracy where a layer that is `also_accepted` counts as right too."""
    top_two: Figure | None
    calibration: Calibration | None
    curve: CoverageCurve | None
    sets: SetFigures | None
    abstained: Figure | None
    """Share of tickets on which the engine abstains."""
    accuracy_abstained: Figure | None
    slices: tuple[Slice, ...]


class CitationSection(Value):
    tickets: int
    with_quote: Figure | None
    quotes: int
    valid: Figure | None
    """Share of quotes that stand in their ticket word for word."""


class RunSection(Value):
    """What answering took."""

    answered: int
    unanswered: int
    """Tickets for which there is no answer: each counts as wrong nowhere, so they are told here."""
    cost_usd: float
    cost_per_right: float | None
    """Cost of all answers for each right layer; None where no layer is known."""
    median_ms: Figure | None
    p95_ms: Figure | None


class Report(Value):
    """All sections. `title` says what was measured, `notes` what the figures do not say."""

    format: int = FORMAT
    title: str
    engine: str
    tickets: int
    fingerprint: str
    """SHA-256 over ids, texts and labels: two reports with the same one were made of the same tickets."""
    seed: int = SEED
    notes: tuple[str, ...] = ()
    bad_lines: tuple[BadLine, ...] = ()
    layers: LayerSection | None
    kind: Classification | None
    role: Classification | None
    risk: tuple[ClassFigures, ...]
    citations: CitationSection | None
    owners: Ranking | None
    duplicates: Ranking | None
    explanations: RubricFigures | None = None
    run: RunSection
    refused_again: dict[str, Figure] = Field(default_factory=dict)
    """Of tickets whose layer or kind an approver refused, the share for which it is proposed again."""
    baselines: dict[str, Figure] = Field(default_factory=dict)
    """Accuracy of other answers to the same tickets, by name."""
    against_baselines: dict[str, McNemar] = Field(default_factory=dict)
    prompts: tuple[str, ...] = ()
    """Prompts that a model was asked with, each as `name/version@` and the start of its text's hash."""
    outcomes: tuple[Outcome, ...]


def measured(
    title: str,
    cases: Sequence[Case],
    answers: Mapping[str, Answer],
    *,
    layers: tuple[LayerId, ...] = DEFAULT_LAYERS,
    target: float = TARGET,
) -> Report:
    """The report of these answers. Tickets without an answer are counted and left out."""
    both = [(case, answers[case.id]) for case in cases if case.id in answers]
    section, outcomes = _layers(both, layers, target)
    right = sum(one.right for one in outcomes)
    return Report(
        title=title,
        engine=", ".join(sorted({answer.engine for _, answer in both if answer.engine})) or "unnamed",
        tickets=len(cases),
        fingerprint=fingerprint(cases),
        layers=section,
        kind=_closed([(one.kind, answer.kind) for one, answer in both], KINDS),
        role=_closed([(one.role, answer.role) for one, answer in both], ROLES),
        risk=_risks(both),
        citations=_citations(both),
        owners=_owners(both),
        duplicates=_duplicates(both),
        refused_again=_refused(both),
        run=_run(cases, both, right if section else None),
        outcomes=outcomes,
    )


def fingerprint(cases: Sequence[Case]) -> str:
    digest = hashlib.sha256()
    for case in cases:
        digest.update(case.model_dump_json().encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _layers(
    both: Sequence[tuple[Case, Answer]], layers: tuple[LayerId, ...], target: float
) -> tuple[LayerSection | None, tuple[Outcome, ...]]:
    asked = [(case, case.layer, answer) for case, answer in both if case.layer is not None]
    if not asked:
        return None, ()
    names = _names([*layers, *(layer for _, layer, _ in asked), *(answer.layer for *_, answer in asked)])
    truth = [layer for _, layer, _ in asked]
    guess = [answer.layer for *_, answer in asked]
    right = np.array([one == other for one, other in zip(truth, guess, strict=True)])
    confidence = np.array([answer.confidence for *_, answer in asked])
    trusted = np.array([answer.confidence if answer.known_ground else 0.0 for *_, answer in asked])
    strange = [hit for hit, (*_, answer) in zip(right, asked, strict=True) if not answer.known_ground]
    accepted = [answer.layer == layer or answer.layer in case.also_accepted for case, layer, answer in asked]
    top_two = [layer in sorted(answer.scores, key=lambda one: -answer.scores[one])[:2] for _, layer, answer in asked]
    outcomes = tuple(
        Outcome(id=case.id, truth=layer, guess=answer.layer, confidence=round(answer.confidence, 4))
        for case, layer, answer in asked
    )
    section = LayerSection(
        figures=classify([names.index(one) for one in truth], [names.index(one) for one in guess], names),
        accepted=share(sum(accepted), len(asked)) if any(case.also_accepted for case, *_ in asked) else None,
        top_two=share(sum(top_two), len(asked)),
        calibration=calibrated(confidence, right),
        curve=curve(trusted, right, target),
        sets=_sets([(layer, answer) for _, layer, answer in asked]),
        abstained=share(len(strange), len(asked)),
        accuracy_abstained=share(int(sum(strange)), len(strange)),
        slices=sliced([case for case, *_ in asked], right.tolist()),
    )
    return section, outcomes


def _sets(asked: Sequence[tuple[LayerId, Answer]]) -> SetFigures | None:
    told = [(frozenset(answer.layer_set), layer) for layer, answer in asked if answer.layer_set is not None]
    return layer_sets([one for one, _ in told], [layer for _, layer in told]) if told else None


def _closed(pairs: Sequence[tuple[str | None, str | None]], names: Sequence[str]) -> Classification | None:
    known = [(truth, guess) for truth, guess in pairs if truth is not None and guess is not None]
    if not known:
        return None
    every = _names([*names, *(one for pair in known for one in pair)])
    return classify([every.index(truth) for truth, _ in known], [every.index(guess) for _, guess in known], every)


def _names(found: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(str(one) for one in found))


def _risks(both: Sequence[tuple[Case, Answer]]) -> tuple[ClassFigures, ...]:
    """Each flag on its own, and any of them; only where both say something about risk."""
    told = [
        (frozenset(case.risk), frozenset(answer.risks))
        for case, answer in both
        if case.risk is not None and answer.risks is not None
    ]
    if not told:
        return ()
    asked = [*((str(one), frozenset({one})) for one in Risk), ("any", frozenset(Risk))]
    return tuple(
        _flag(name, [(bool(truth & flags), bool(said & flags)) for truth, said in told]) for name, flags in asked
    )


def _flag(name: str, told: Sequence[tuple[bool, bool]]) -> ClassFigures:
    return classify([int(truth) for truth, _ in told], [int(said) for _, said in told], ("no", name)).classes[1]


def _refused(both: Sequence[tuple[Case, Answer]]) -> dict[str, Figure]:
    layers = [answer.layer == case.not_layer for case, answer in both if case.not_layer is not None]
    kinds = [answer.kind == case.not_kind for case, answer in both if case.not_kind is not None]
    found = {"layer": share(sum(layers), len(layers)), "kind": share(sum(kinds), len(kinds))}
    return {name: figure for name, figure in found.items() if figure is not None}


def _citations(both: Sequence[tuple[Case, Answer]]) -> CitationSection | None:
    told = [(case, answer.quotes) for case, answer in both if answer.quotes is not None]
    if not told:
        return None
    quotes = [_stands(quote, case) for case, said in told for quote in said]
    return CitationSection(
        tickets=len(told),
        with_quote=share(sum(bool(said) for _, said in told), len(told)),
        quotes=len(quotes),
        valid=share(sum(quotes), len(quotes)),
    )


def _stands(quote: str, case: Case) -> bool:
    """In the text, or in what the bot makes of it: an engine is shown a mark where a secret was."""
    if quote in case.title or quote in case.body:
        return True
    cleaned = as_filed(case.title, case.body)
    return quote in cleaned.title or quote in cleaned.body


def _owners(both: Sequence[tuple[Case, Answer]]) -> Ranking | None:
    asked = [(answer.owners, case.owners) for case, answer in both if answer.owners is not None and case.owners]
    return ranked([guess for guess, _ in asked], [truth for _, truth in asked])


def _duplicates(both: Sequence[tuple[Case, Answer]]) -> Ranking | None:
    asked = [
        (answer.duplicates, case.duplicate_of)
        for case, answer in both
        if answer.duplicates is not None and case.duplicate_of
    ]
    return ranked([guess for guess, _ in asked], [truth for _, truth in asked])


def _run(cases: Sequence[Case], both: Sequence[tuple[Case, Answer]], right: int | None) -> RunSection:
    cost = sum(answer.cost_usd for _, answer in both)
    spent = np.array([answer.milliseconds for _, answer in both if answer.milliseconds is not None], dtype=np.float64)
    return RunSection(
        answered=len(both),
        unanswered=len(cases) - len(both),
        cost_usd=round(cost, 6),
        cost_per_right=round(cost / right, 6) if right else None,
        median_ms=_quantile(spent, 0.5),
        p95_ms=_quantile(spent, 0.95),
    )


def _quantile(spent: np.ndarray[tuple[int], np.dtype[np.float64]], share_: float) -> Figure | None:
    n = len(spent)
    if n == 0:
        return None
    if n == 1:
        return bare(float(spent[0]), 1)
    drawn = np.random.default_rng(SEED).integers(0, n, (500, n))
    return bounded(float(np.quantile(spent, share_)), np.quantile(spent[drawn], share_, axis=1), n)
