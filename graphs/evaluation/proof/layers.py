"""Layers, kind, role, risk and quotes: what the engine says of one ticket.

Owns the lines of these tables. The answers come from `graphs.evaluation.golden`, which knows what was trained on what.
"""

from __future__ import annotations

from pathlib import Path

from graphs.evaluation import golden
from graphs.evaluation.answers import Engine
from graphs.evaluation.classes import Classification
from graphs.evaluation.intervals import Figure
from graphs.evaluation.proof.tables import Line, Table, Test
from graphs.evaluation.report import LayerSection, Report

PUBLIC = "public GitHub issues of the research dataset Niruthiha/labelled_data_only, labels in `DIR/golden/`"

LABELLED = "public GitHub issues of the research dataset Niruthiha/labelled_data_only, labels in `graphs/learning/data`"


def written() -> Table:
    report = golden.written()
    return Table(
        key="written",
        title="Layers of written tickets, repositories never seen",
        about=golden.WRITTEN_NOTES,
        lines=tuple(_layer_lines(report) + _risk_lines(report)),
        tests=_tests(report),
    )


def folds(folder: Path) -> Table:
    report = golden.folds(folder)
    return Table(
        key="folds",
        title="Layers, repositories never seen, with everything the shipped engine learnt from",
        about=golden.FOLDS_NOTES,
        source=PUBLIC,
        lines=tuple(_layer_lines(report)),
        tests=_tests(report),
    )


def real(folder: Path, engine: Engine) -> Table:
    report = golden.real(folder, engine)
    return Table(
        key="real",
        title="Real issues in their natural mix",
        about=golden.REAL_NOTES,
        source=PUBLIC,
        lines=tuple(
            _layer_lines(report)
            + _abstention(report)
            + _closed_lines("kind", report.kind)
            + _closed_lines("role", report.role)
            + _quote_lines(report)
            + _time_lines(report)
        ),
        tests=_tests(report),
    )


def unseen(folder: Path, engine: Engine) -> Table:
    report = golden.unseen(folder, engine)
    return Table(
        key="unseen",
        title="Real issues of repositories never seen, drawn at random",
        about=golden.UNSEEN_NOTES,
        source=LABELLED,
        lines=tuple(_layer_lines(report) + _abstention(report) + _closed_lines("kind", report.kind)),
        tests=_tests(report),
    )


def _layer_lines(report: Report) -> list[Line]:
    found = report.layers
    if found is None:
        return []
    return [
        Line(what="layer, accuracy", figure=found.figures.accuracy),
        Line(what="layer, macro-F1", figure=found.figures.macro_f1),
        *(Line(what=f"accuracy, {name}", figure=one, kind="baseline") for name, one in report.baselines.items()),
        Line(what="accuracy, always the largest layer", figure=found.figures.majority, kind="baseline"),
        *_parts(found),
        Line(what="right layer among the first two", figure=found.top_two),
        Line(
            what="calibration error, debiased",
            figure=found.calibration.error if found.calibration else None,
            unit="number",
        ),
        *_sure(found),
        *_sets(found),
    ]


def _abstention(report: Report) -> list[Line]:
    """Of the shipped engine only: models made for a fold are asked everything."""
    found = report.layers
    if found is None:
        return []
    return [
        Line(what="abstained", figure=found.abstained),
        Line(what="accuracy where it abstained", figure=found.accuracy_abstained, kind="part"),
    ]


def _tests(report: Report) -> tuple[Test, ...]:
    return tuple(
        Test(what=f"Layer, strata against {name}", mcnemar=one) for name, one in report.against_baselines.items()
    )


def _parts(found: LayerSection) -> list[Line]:
    f1s = [
        Line(what=f"F1 of {one.name.replace('_', ' ')}", figure=one.f1, kind="part") for one in found.figures.classes
    ]
    slices = [
        Line(
            what=f"accuracy, {one.by} {one.name}{', differs from the rest' if one.differs else ''}",
            figure=one.accuracy,
            kind="part",
        )
        for one in found.slices
    ]
    return f1s + slices


def _sure(found: LayerSection) -> list[Line]:
    if found.curve is None:
        return []
    points = {one.coverage: one for one in found.curve.points}
    chosen = [min(points, key=lambda coverage: abs(coverage - wanted)) for wanted in (0.3, 0.5, 0.7)]
    return [
        Line(what=f"precision of the surest {at * 100:.0f} %", figure=points[at].precision)
        for at in dict.fromkeys(chosen)
    ]


def _sets(found: LayerSection) -> list[Line]:
    if found.sets is None:
        return []
    return [
        Line(what="layer set holds the right layer", figure=found.sets.coverage),
        Line(what="mean size of a layer set", figure=found.sets.mean_size, unit="number"),
    ]


def _closed_lines(name: str, found: Classification | None) -> list[Line]:
    if found is None:
        return []
    return [
        Line(what=f"{name}, accuracy", figure=found.accuracy),
        Line(what=f"{name}, macro-F1", figure=found.macro_f1),
        Line(what=f"accuracy, always the most frequent {name}", figure=found.majority, kind="baseline"),
        *(
            Line(what=f"F1 of {one.name.replace('_', ' ')}", figure=one.f1, kind="part")
            for one in found.classes
            if one.f1
        ),
    ]


def _risk_lines(report: Report) -> list[Line]:
    return [
        line
        for one in report.risk
        if one.name == "any"
        for line in (
            Line(what="any risk flag, precision", figure=one.precision),
            Line(what="any risk flag, recall", figure=one.recall),
        )
    ]


def _quote_lines(report: Report) -> list[Line]:
    found = report.citations
    if found is None:
        return []
    return [
        Line(what="tickets with a quote", figure=found.with_quote),
        Line(what="quotes that stand in the ticket", figure=found.valid),
    ]


def _time_lines(report: Report) -> list[Line]:
    timed: list[tuple[str, Figure | None]] = [
        ("processor time of an answer, median", report.run.median_ms),
        ("processor time of an answer, 95th percentile", report.run.p95_ms),
    ]
    return [Line(what=name, figure=figure, unit="ms") for name, figure in timed if figure is not None]
