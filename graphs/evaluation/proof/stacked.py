"""The two local profiles beside each other, on real issues.

Owns the table. Needs the packages of the stacked profile.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graphs.evaluation import golden
from graphs.evaluation.answers import Engine
from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.proof.layers import LABELLED
from graphs.evaluation.proof.tables import Kind, Line, Table, Test
from graphs.evaluation.report import Report

Measure = Callable[[Path, Engine], Report]
SETS: tuple[tuple[str, Measure], ...] = (
    ("two labels agree, known repositories", golden.real),
    ("repositories never seen", golden.unseen),
)


def stacked(folder: Path, lexical: Engine, both: Engine) -> Table:
    """`both` is the engine with the encoder."""
    lines: list[Line] = []
    tests: list[Test] = []
    for name, measure in SETS:
        before, after = measure(folder, lexical), measure(folder, both)
        lines += [*_lines(f"stacked, {name}", after, "ours"), *_lines(f"lexical, {name}", before, "baseline")]
        pairs = list(zip(before.outcomes, after.outcomes, strict=True))
        tests.append(
            Test(
                what=f"Layer, stacked against lexical, {name}",
                mcnemar=mcnemar([one.right for one, _ in pairs], [one.right for _, one in pairs]),
            )
        )
    return Table(
        key="stacked",
        title="With a small sentence encoder beside the words",
        about=(
            (
                "The profile `stacked`: all-MiniLM-L6-v2 with int8 weights reads the first 256 word pieces of a ticket"
                " and its title, a linear head on that votes on the layer beside the lexical one. All but the layer is"
                " the lexical model's answer."
            ),
        ),
        source=LABELLED,
        lines=tuple(lines),
        tests=tuple(tests),
    )


def _lines(name: str, report: Report, kind: Kind) -> list[Line]:
    found = report.layers
    if found is None:
        return []
    return [
        Line(what=f"{name}: accuracy", figure=found.figures.accuracy, kind=kind),
        Line(what=f"{name}: macro-F1", figure=found.figures.macro_f1, kind=kind),
        Line(what=f"{name}: processor time, median", figure=report.run.median_ms, kind=kind, unit="ms"),
        Line(what=f"{name}: processor time, 95th percentile", figure=report.run.p95_ms, kind=kind, unit="ms"),
    ]
