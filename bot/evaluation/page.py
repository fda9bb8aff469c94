"""The page of an evaluation.

Owns the order of its sections and their wording. Must not compute a figure.
"""

from __future__ import annotations

from bot.evaluation.layers import layer_sections
from bot.evaluation.parts import (
    NOTHING,
    bounds,
    cell,
    classes,
    confusion,
    decimal,
    page,
    percent,
    row,
    section,
    spread,
    table,
    tile,
    tiles,
    words,
)
from bot.markup import Html, tag
from graphs.evaluation.classes import Classification
from graphs.evaluation.comparing import SURE
from graphs.evaluation.ranking import Ranking
from graphs.evaluation.regression import Judgement
from graphs.evaluation.report import Report, RunSection

INTERVALS = "Behind each figure stands the interval that holds the true value with 95 % confidence."


def evaluation_page(report: Report, judgement: Judgement | None = None) -> str:
    under = [
        f"{report.engine} · {report.tickets:,} tickets · {report.title}",
        f"{INTERVALS} Tickets {report.fingerprint[:12]}, seed {report.seed}.",
    ]
    return page(
        "Strata evaluation",
        under,
        [
            _notes(report),
            _against(judgement) if judgement else None,
            *(layer_sections(report.layers, report) if report.layers else ()),
            _refused(report),
            _closed("Kind", report.kind),
            _closed("Role", report.role),
            _risk(report),
            ranking_section("Owners", report.owners, "a right owner"),
            ranking_section("Duplicates", report.duplicates, "the earlier ticket"),
            _citations(report),
            _rubric(report),
            run_section(report.run),
            bad_lines(report),
        ],
    )


def _refused(report: Report) -> Html | None:
    if not report.refused_again:
        return None
    found = [
        tile(f"refused {name} proposed again", percent(one), bounds(one), f"of {one.n:,}")
        for name, one in report.refused_again.items()
    ]
    return section("Refused before", tag("p", "Tickets of which an approver said what they are not."), tiles(*found))


def _closed(title: str, found: Classification | None) -> Html | None:
    if found is None:
        return None
    return section(
        title,
        tiles(
            tile("accuracy", percent(found.accuracy), bounds(found.accuracy), f"of {found.n:,}"),
            tile("macro-F1", decimal(found.macro_f1), spread(found.macro_f1)),
            tile("most frequent always", percent(found.majority), bounds(found.majority)),
        ),
        classes(found.classes, title.lower()),
        tag("h3", "Confusion"),
        confusion(found),
    )


def _risk(report: Report) -> Html | None:
    if not report.risk:
        return None
    told = (
        "A flag makes the review formal. Only tickets with the flag count for recall, only flagged ones for precision."
    )
    return section("Risk flags", tag("p", told), classes(report.risk, "flag"))


def ranking_section(title: str, found: Ranking | None, what: str) -> Html | None:
    if found is None:
        return None
    rows = [
        row(f"{what} among the first {k}" if k > 1 else f"{what} first", cell(one)) for k, one in found.hits.items()
    ]
    return section(
        title,
        tag(
            "p",
            f"{found.n:,} tickets. Mean reciprocal rank"
            f" {decimal(found.reciprocal_rank)} ({spread(found.reciprocal_rank)}).",
        ),
        table(["", "tickets"], rows),
    )


def _citations(report: Report) -> Html | None:
    found = report.citations
    if found is None:
        return None
    return section(
        "Citations",
        tiles(
            tile("tickets with a quote", percent(found.with_quote), bounds(found.with_quote), f"of {found.tickets:,}"),
            tile("quotes that stand in the ticket", percent(found.valid), bounds(found.valid), f"of {found.quotes:,}"),
        ),
    )


def _rubric(report: Report) -> Html | None:
    found = report.explanations
    if found is None:
        return None
    rows = [row(words(name), cell(one)) for name, one in found.criteria.items()]
    return section(
        "Explanations",
        tag("p", f"{found.n:,} cards read by a rubric that a program can check. All met: {percent(found.all_met)}."),
        table(["criterion", "met"], rows),
    )


def run_section(found: RunSection) -> Html:
    median, slow = found.median_ms, found.p95_ms
    return section(
        "Cost and time",
        tiles(
            tile(
                "cost of all answers",
                f"${found.cost_usd:.4f}",
                f"{found.answered:,} answered, {found.unanswered:,} not",
            ),
            tile("cost of a right layer", NOTHING if found.cost_per_right is None else f"${found.cost_per_right:.5f}"),
            tile("processor time, median", f"{median.value:.1f} ms", f"{median.low:.1f} to {median.high:.1f} ms")
            if median and median.low is not None
            else None,
            tile("95th percentile", f"{slow.value:.1f} ms", f"{slow.low:.1f} to {slow.high:.1f} ms")
            if slow and slow.low is not None
            else None,
        ),
    )


def bad_lines(report: Report) -> Html | None:
    if not report.bad_lines:
        return None
    shown = [tag("li", one.text()) for one in report.bad_lines[:20]]
    more = len(report.bad_lines) - len(shown)
    return section("Lines left out", tag("ul", shown), tag("p", f"and {more} more") if more else None)


def _notes(report: Report) -> Html | None:
    return (
        section("What these figures are", tag("ul", [tag("li", one) for one in report.notes])) if report.notes else None
    )


def _against(found: Judgement) -> Html:
    test = found.comparison.mcnemar
    tone = "bad" if not found.passed else "good" if test.p_value < SURE else "warn"
    verdict = tag("span", found.comparison.verdict, class_=tone)
    return section(
        "Against the saved report",
        tag(
            "p",
            verdict,
            f". {found.comparison.paired:,} tickets in both; gate {'passed' if found.passed else 'failed'}.",
        ),
        tiles(
            tile("right before, wrong now", str(test.only_old)),
            tile("wrong before, right now", str(test.only_new)),
            tile("McNemar's p", f"{test.p_value:.4f}"),
            tile("accuracy, difference", decimal(found.comparison.accuracy), spread(found.comparison.accuracy)),
            tile("macro-F1, difference", decimal(found.comparison.macro_f1), spread(found.comparison.macro_f1)),
        ),
        tag("ul", [tag("li", one) for one in found.reasons]) if found.reasons else None,
    )
