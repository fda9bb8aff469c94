"""An evaluation or a backtest in a few lines, for a terminal.

Owns which figures are worth a line. The whole is in the report and on the page.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphs.evaluation.backtest.result import Backtest
from graphs.evaluation.intervals import Figure
from graphs.evaluation.regression import Judgement
from graphs.evaluation.report import LayerSection, Report


def evaluation_lines(report: Report, judgement: Judgement | None) -> list[str]:
    return [
        f"{report.title}: {report.tickets:,} tickets, {report.engine}",
        *([] if report.layers is None else _layers(report.layers)),
        *(_line(f"accuracy of {name}", one) for name, one in report.baselines.items()),
        *_others(report),
        *([] if judgement is None else _judgement(judgement)),
        *([f"{len(report.bad_lines)} lines were left out"] if report.bad_lines else []),
        *(f"note: {one}" for one in report.notes),
    ]


def backtest_lines(found: Backtest) -> list[str]:
    report = found.report
    period = f"{found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}"
    lines = [
        f"{found.title}: {report.tickets:,} tickets, {period}, {report.engine}",
        *([] if report.layers is None else _layers(report.layers)),
        *_others(report),
    ]
    lines += [
        f"  threshold of {one.layer}: {one.threshold:.2f}, {one.standing}"
        for one in found.thresholds
        if one.threshold is not None
    ]
    if found.owners is not None:
        for name, ranking in found.owners.by_ranker.items():
            lines += [_line(f"owner by {name}, first {k}", one) for k, one in ranking.hits.items()]
        lines.append(_line("owner known before", found.owners.reachable))
    if found.load is not None:
        lines.append(
            f"  {'cards a week lately':<32}{found.load.recent_median:.0f} (busiest week ever {found.load.busiest})"
        )
    lines.append(f"  {'cost of a ticket':<32}${found.cost_per_ticket:.5f}")
    if report.bad_lines:
        lines.append(f"{len(report.bad_lines)} lines were left out")
    return lines


def _layers(found: LayerSection) -> Iterator[str]:
    yield _line("layer, accuracy", found.figures.accuracy)
    yield _line("layer, macro-F1", found.figures.macro_f1)
    yield _line("largest layer always", found.figures.majority)
    if found.calibration is not None:
        yield _line("calibration error, debiased", found.calibration.error)
    if found.curve is not None:
        best = found.curve.best
        told = f"{best.coverage:.2f} from confidence {best.threshold:.2f}" if best else "none"
        yield f"  {f'coverage at {found.curve.target:.0%} precision':<32}{told}"
    if found.sets is not None:
        yield _line("layer set, coverage", found.sets.coverage)
        yield _line("layer set, mean size", found.sets.mean_size)
    for one in found.slices:
        if one.differs:
            told = f"{one.accuracy.text()}, all others {one.rest.value:.3f}, p = {one.p_value:.3f}"
            yield f"  {one.by} {one.name}: {told}"


def _others(report: Report) -> Iterator[str]:
    for name, closed in (("kind", report.kind), ("role", report.role)):
        if closed is not None:
            yield _line(f"{name}, accuracy", closed.accuracy)
            yield _line(f"{name}, macro-F1", closed.macro_f1)
    for name, ranking in (("owner", report.owners), ("duplicate", report.duplicates)):
        if ranking is not None:
            yield from (_line(f"{name}, first {k}", one) for k, one in ranking.hits.items())
    if report.citations is not None:
        yield _line("quotes that stand in the ticket", report.citations.valid)
    if report.explanations is not None:
        yield _line("explanations, all criteria met", report.explanations.all_met)
    if report.run.median_ms is not None:
        yield f"  {'processor time, median':<32}{report.run.median_ms.value:.1f} ms"


def _judgement(found: Judgement) -> Iterator[str]:
    yield f"against the saved report: {found.comparison.verdict} (McNemar p = {found.comparison.mcnemar.p_value:.4f})"
    yield from (f"  {one}" for one in found.reasons)
    yield f"gate: {'passed' if found.passed else 'failed'}"


def _line(name: str, figure: Figure | None) -> str:
    return f"  {name:<32}{'too few tickets' if figure is None else figure.text()}"
