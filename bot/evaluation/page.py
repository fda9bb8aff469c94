"""The page of an evaluation.

Owns the order of its sections and their wording. Must not compute a figure.
"""

from __future__ import annotations

from bot.evaluation.parts import (
    NOTHING,
    bounds,
    cell,
    classes,
    confusion,
    count,
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
from bot.evaluation.plots import precision_coverage, reliability
from bot.markup import Html, tag
from graphs.evaluation.calibration import Calibration
from graphs.evaluation.classes import Classification
from graphs.evaluation.comparing import SURE
from graphs.evaluation.coverage import CoverageCurve, SetFigures
from graphs.evaluation.ranking import Ranking
from graphs.evaluation.regression import Judgement
from graphs.evaluation.report import LayerSection, Report, RunSection
from graphs.evaluation.slicing import Slice

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


def layer_sections(layers: LayerSection, report: Report) -> list[Html]:
    figures, calibration = layers.figures, layers.calibration
    error = calibration.error if calibration else None
    best = layers.curve.best if layers.curve else None
    aim = f"{layers.curve.target:.0%}".replace("%", " %") if layers.curve else NOTHING
    naive = [
        tile(f"accuracy of {words(name)}", percent(one), bounds(one), "a baseline on the same tickets")
        for name, one in report.baselines.items()
    ]
    top = section(
        "Layers",
        tiles(
            tile("accuracy", percent(figures.accuracy), bounds(figures.accuracy), f"of {figures.n:,}"),
            tile("macro-F1", decimal(figures.macro_f1), spread(figures.macro_f1)),
            tile(
                "largest layer always",
                percent(figures.majority),
                bounds(figures.majority),
                f"macro-F1 {figures.majority_macro_f1 or 0:.3f}",
            ),
            *naive,
            tile("right layer among the first two", percent(layers.top_two), bounds(layers.top_two)),
            tile("calibration error, debiased", decimal(error), spread(error)),
            tile(
                f"coverage with at least {aim} precision",
                f"{best.coverage:.0%}".replace("%", " %") if best else "none",
                f"from confidence {best.threshold:.2f}" if best else "no threshold gives this, interval included",
            ),
            tile("abstained", percent(layers.abstained), bounds(layers.abstained), _right_there(layers)),
            tile("a layer that was accepted too", percent(layers.accepted), bounds(layers.accepted))
            if layers.accepted
            else None,
        ),
    )
    plots = section("How sure, how right", tag("div", _reliability(calibration), _curve(layers.curve), class_="plots"))
    return [
        top,
        section("Confusion", tag("p", "Rows are the truth, columns what was guessed."), confusion(figures)),
        plots,
        section("Each layer", classes(figures.classes, "layer")),
        *([_sets(layers.sets)] if layers.sets else []),
        *([_slices(layers.slices)] if layers.slices else []),
    ]


def _refused(report: Report) -> Html | None:
    if not report.refused_again:
        return None
    found = [
        tile(f"refused {name} proposed again", percent(one), bounds(one), f"of {one.n:,}")
        for name, one in report.refused_again.items()
    ]
    return section("Refused before", tag("p", "Tickets of which an approver said what they are not."), tiles(*found))


def _right_there(layers: LayerSection) -> str:
    found = layers.accuracy_abstained
    return f"right on {percent(found)} of them" if found else "the engine knew its ground everywhere"


def _reliability(found: Calibration | None) -> Html | None:
    if found is None:
        return None
    plain = f"plain error {found.plain_error:.3f}" if found.plain_error is not None else "too few tickets for an error"
    caption = tag(
        "figcaption",
        "Reliability",
        tag("small", f"bins of equal size; the dashed line is perfect. {plain}, Brier score {decimal(found.brier)}"),
    )
    return tag("figure", caption, reliability(found.bins))


def _curve(found: CoverageCurve | None) -> Html | None:
    if found is None:
        return None
    told = f"the surest tickets first; the band holds 95 %, the dashed line is the aim of {found.target:.0%}".replace(
        "%", " %"
    )
    return tag("figure", tag("figcaption", "Precision against coverage", tag("small", told)), precision_coverage(found))


def _sets(found: SetFigures) -> Html:
    rows = [row(words(name), cell(figure)) for name, figure in found.by_class.items()]
    sizes = ", ".join(f"{size}: {n}" for size, n in found.sizes.items())
    return section(
        "Layer sets",
        tag("p", "The layers offered as alternatives. Sizes: ", sizes, "."),
        tiles(
            tile("right layer in the set", percent(found.coverage), bounds(found.coverage)),
            tile("mean size", decimal(found.mean_size), spread(found.mean_size)),
        ),
        table(["true layer", "in the set"], rows),
    )


def _slices(found: tuple[Slice, ...]) -> Html:
    rows = [
        row(
            f"{one.by}: {one.name}",
            count(one.accuracy.n),
            cell(one.accuracy),
            cell(one.rest),
            tag("td", f"{one.p_value:.3f}", " differs" if one.differs else "", class_="n warn" if one.differs else "n"),
        )
        for one in found
    ]
    told = (
        "Is the engine worse for some? p is Fisher's exact test against the rest, corrected for the number of slices."
    )
    return section("Slices", tag("p", told), table(["slice", "tickets", "accuracy", "all others", "p"], rows))


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
    shown = [tag("li", f"line {one.line}: {one.why}") for one in report.bad_lines[:20]]
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
