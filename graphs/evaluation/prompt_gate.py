"""May this version of a prompt take the place of the active one, as far as their evaluation reports say?

Owns the rule: on the same labelled tickets, layer macro-F1 may not be worse beyond the 95 % interval of the paired
difference, the share of quotes that stand in their ticket may not lie below the active version's interval, and an
answer may not cost more than `DEARER` times as much. A version that was never measured may not replace one that was.
Must not read files.
"""

from __future__ import annotations

from graphs.evaluation.regression import NotComparable, judged
from graphs.evaluation.report import Report

DEARER = 1.25


def objections(active: Report | None, new: Report | None, label: str) -> tuple[str, ...]:
    """Sentences; none where it may. `label`: `triage/v2@1f2e3d4c5b6a`, the prompt that `new` has to be about."""
    if new is None:
        return () if active is None else ("the active version was measured and this one was not: measure it first",)
    if label not in new.prompts:
        asked = ", ".join(new.prompts) or "no prompt at all"
        return (f"its report is about {asked} and not about {label}: measure this very text",)
    if active is None:
        return ()
    try:
        comparison = judged(active, new).comparison
    except NotComparable as error:
        return (str(error),)
    found = []
    f1 = comparison.macro_f1
    if f1 is not None and f1.low is not None and f1.high is not None and f1.high < 0:
        found.append(f"layer macro-F1 is worse by {-f1.value:.3f} [{-f1.high:.3f}, {-f1.low:.3f}]")
    return (*found, *_citations(active, new), *_cost(active, new))


def _citations(active: Report, new: Report) -> tuple[str, ...]:
    before = active.citations.valid if active.citations else None
    after = new.citations.valid if new.citations else None
    if before is None:
        return ()
    least = before.value if before.low is None else before.low
    if after is not None and after.value >= least:
        return ()
    said = "is not known" if after is None else f"fell from {before.value:.3f} to {after.value:.3f}"
    return (f"the share of quotes that stand in their ticket {said}",)


def _cost(active: Report, new: Report) -> tuple[str, ...]:
    before, after = (one.run.cost_usd / max(1, one.run.answered) for one in (active, new))
    if not before or after <= DEARER * before:
        return ()
    return (f"an answer costs ${after:.5f} instead of ${before:.5f}: more than {DEARER:g} times as much",)
