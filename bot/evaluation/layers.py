"""The sections about layers, which both pages show.

Owns their order and wording. Must not compute a figure.
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
from graphs.evaluation.coverage import CoverageCurve, SetFigures
from graphs.evaluation.report import LayerSection, Report
from graphs.evaluation.slicing import Slice


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
