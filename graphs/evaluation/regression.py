"""May this version replace the one of a saved report?

Owns the rule. It fails where, on the tickets that both answered, the new version is worse by McNemar's test, or where
a headline figure fell by more than a tolerance although chance alone might explain it: on a fixed set of tickets a
fall is a fall. Other tickets than the saved report's cannot be judged, and that is said instead of passed.
"""

from __future__ import annotations

from graphs.errors import StrataError
from graphs.evaluation.comparing import SURE, Comparison, compare
from graphs.evaluation.report import FORMAT, Report
from graphs.model import Value

TOLERANCE = 0.02
LEAST_SHARED = 0.5


class NotComparable(StrataError):
    """The saved report was made of other tickets, or by a program that wrote other reports."""


class Judgement(Value):
    comparison: Comparison
    passed: bool
    reasons: tuple[str, ...]
    """Why it did not pass, each a sentence."""


def judged(old: Report, new: Report, *, tolerance: float = TOLERANCE) -> Judgement:
    """Raises `NotComparable`."""
    if old.format != FORMAT:
        raise NotComparable(f"the saved report has format {old.format}, this program reads {FORMAT}: make it anew")
    comparison = compare(old.outcomes, new.outcomes)
    shared = comparison.paired / max(1, len(old.outcomes), len(new.outcomes))
    if shared < LEAST_SHARED:
        raise NotComparable(
            f"only {comparison.paired} tickets with the same id and label stand in both reports"
            f" ({len(old.outcomes)} and {len(new.outcomes)}): compare reports of the same tickets"
        )
    reasons = [*_layer_reasons(comparison, tolerance), *_other_reasons(old, new, tolerance)]
    return Judgement(comparison=comparison, passed=not reasons, reasons=tuple(reasons))


def _layer_reasons(found: Comparison, tolerance: float) -> list[str]:
    reasons = []
    test = found.mcnemar
    if test.p_value < SURE and test.only_old > test.only_new:
        reasons.append(
            f"layer: {test.only_old} tickets were right before and are wrong now, {test.only_new} the other way round"
            f" (McNemar p = {test.p_value:.4f})"
        )
    for name, figure in (("accuracy", found.accuracy), ("macro-F1", found.macro_f1)):
        if figure is not None and figure.value < -tolerance:
            reasons.append(f"layer: {name} fell by {-figure.value:.3f}, {tolerance:g} is tolerated")
    return reasons


def _other_reasons(old: Report, new: Report, tolerance: float) -> list[str]:
    reasons = []
    for name, (before, after), falls in (
        ("kind: accuracy", _kinds(old, new), 1),
        ("role: accuracy", _roles(old, new), 1),
        ("citations: share that stands in the ticket", _citations(old, new), 1),
        ("layer: calibration error", _errors(old, new), -1),
    ):
        if before is not None and after is None:
            reasons.append(f"{name}: the saved report has it and the new one does not")
        elif before is not None and after is not None and falls * (before - after) > tolerance:
            reasons.append(f"{name} went from {before:.3f} to {after:.3f}, {tolerance:g} is tolerated")
    return reasons


_Pair = tuple[float | None, float | None]


def _kinds(old: Report, new: Report) -> _Pair:
    first, second = (one.kind.accuracy if one.kind else None for one in (old, new))
    return (first.value if first else None, second.value if second else None)


def _roles(old: Report, new: Report) -> _Pair:
    first, second = (one.role.accuracy if one.role else None for one in (old, new))
    return (first.value if first else None, second.value if second else None)


def _citations(old: Report, new: Report) -> _Pair:
    first, second = (one.citations.valid if one.citations else None for one in (old, new))
    return (first.value if first else None, second.value if second else None)


def _errors(old: Report, new: Report) -> _Pair:
    values = []
    for one in (old, new):
        calibration = one.layers.calibration if one.layers else None
        values.append(calibration.error.value if calibration and calibration.error else None)
    return (values[0], values[1])
