"""Plots as inline SVG, drawn on the server: a page needs no script to show them.

Owns coordinates. Colours come from the page's style, so that light and dark both work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.markup import Html, tag
from graphs.evaluation.calibration import ReliabilityBin
from graphs.evaluation.coverage import CoverageCurve

WIDTH, HEIGHT = 360, 270
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 12, 38
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_LOWEST_SHOWN = 0.5


class _Scale:
    """From shares to places; `low` is where the vertical axis begins."""

    def __init__(self, low: float = 0.0) -> None:
        self.low = low

    def x(self, share: float) -> str:
        return f"{LEFT + share * (WIDTH - LEFT - RIGHT):.1f}"

    def y(self, share: float) -> str:
        height = HEIGHT - TOP - BOTTOM
        return f"{TOP + (1 - (max(share, self.low) - self.low) / (1 - self.low)) * height:.1f}"


def reliability(bins: Sequence[ReliabilityBin]) -> Html:
    """Accuracy over confidence, with Wilson's intervals; the dashed line is perfect calibration."""
    at = _Scale()
    marks = [
        tag("line", x1=at.x(0), y1=at.y(0), x2=at.x(1), y2=at.y(1), class_="ideal"),
        *(_whisker(at, one.confidence, one.accuracy.low, one.accuracy.high) for one in bins),
        tag("polyline", points=_points(at, [(one.confidence, one.accuracy.value) for one in bins]), class_="line"),
        *(_dot(at, one.confidence, one.accuracy.value, f"{one.n} tickets") for one in bins),
    ]
    told = "; ".join(f"sure {one.confidence:.0%}, right {one.accuracy.value:.0%} of {one.n}" for one in bins)
    return _svg("Reliability diagram. " + told, [*_frame(at, "confidence", "accuracy"), *marks])


def precision_coverage(curve: CoverageCurve) -> Html:
    """Precision over coverage, with the 95 % band; the dashed line is the precision that is aimed for."""
    lowest = min((one.precision.low or 0.0 for one in curve.points), default=0.0)
    at = _Scale(_LOWEST_SHOWN if lowest >= _LOWEST_SHOWN else 0.0)
    upper = [(one.coverage, one.precision.high or 0.0) for one in curve.points]
    lower = [(one.coverage, one.precision.low or 0.0) for one in curve.points]
    marks = [
        tag("polygon", points=_points(at, [*upper, *reversed(lower)]), class_="band"),
        tag("line", x1=at.x(0), y1=at.y(curve.target), x2=at.x(1), y2=at.y(curve.target), class_="aim"),
        tag(
            "polyline", points=_points(at, [(one.coverage, one.precision.value) for one in curve.points]), class_="line"
        ),
        *(
            _dot(
                at, one.coverage, one.precision.value, f"confidence from {one.threshold:.2f}: {one.precision.n} tickets"
            )
            for one in curve.points
        ),
    ]
    told = "; ".join(f"{one.coverage:.0%} at {one.precision.value:.0%}" for one in curve.points[::4])
    return _svg("Precision against coverage. " + told, [*_frame(at, "coverage", "precision"), *marks])


def weekly(counts: Sequence[int], first: datetime) -> Html:
    """Tickets a week as bars, the last two years at most."""
    shown = list(counts)[-104:]
    start = first + timedelta(weeks=len(counts) - len(shown))
    most = max([*shown, 1])
    room, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = room / len(shown)
    bars = [
        tag(
            "rect",
            tag("title", f"week of {(start + timedelta(weeks=week)):%Y-%m-%d}: {count}"),
            x=f"{LEFT + week * step:.1f}",
            y=f"{TOP + height * (1 - count / most):.1f}",
            width=f"{max(step - 1, 0.8):.1f}",
            height=f"{height * count / most:.1f}",
            class_="bar",
        )
        for week, count in enumerate(shown)
    ]
    base = f"{TOP + height}"
    axis = tag("line", x1=str(LEFT), y1=base, x2=str(WIDTH - RIGHT), y2=base, class_="axis")
    last = start + timedelta(weeks=len(shown) - 1)
    names = [
        _text(f"{start:%Y-%m-%d}", str(LEFT), str(HEIGHT - 20), "start"),
        _text(f"{last:%Y-%m-%d}", str(WIDTH - RIGHT), str(HEIGHT - 20), "end"),
        _text(str(most), str(LEFT - 6), str(TOP + 8), "end"),
        _text("0", str(LEFT - 6), base, "end"),
        _text("tickets a week", str(LEFT + room // 2), str(HEIGHT - 5), "middle", "name"),
    ]
    return _svg(f"Tickets a week, at most {most}, over {len(shown)} weeks", [*bars, axis, *names])


def _frame(at: _Scale, across: str, up: str) -> list[Html]:
    lines: list[Html] = []
    for tick in _TICKS:
        lines.append(tag("line", x1=at.x(tick), y1=at.y(at.low), x2=at.x(tick), y2=at.y(1), class_="grid"))
        lines.append(_text(f"{tick:.0%}", at.x(tick), str(HEIGHT - BOTTOM + 15), "end" if tick == 1 else "middle"))
        if tick >= at.low:
            lines.append(tag("line", x1=at.x(0), y1=at.y(tick), x2=at.x(1), y2=at.y(tick), class_="grid"))
            lines.append(_text(f"{tick:.0%}", str(LEFT - 5), f"{float(at.y(tick)) + 4:.1f}", "end"))
    middle = (HEIGHT - BOTTOM + TOP) // 2
    lines.append(_text(across, str((WIDTH + LEFT - RIGHT) // 2), str(HEIGHT - 4), "middle", "name"))
    upright = tag(
        "text", up, x="10", y=str(middle), class_="name", text_anchor="middle", transform=f"rotate(-90 10 {middle})"
    )
    return [*lines, upright]


def _text(words: str, x: str, y: str, anchor: str, kind: str | None = None) -> Html:
    return tag("text", words, x=x, y=y, text_anchor=anchor, class_=kind)


def _dot(at: _Scale, x: float, y: float, told: str) -> Html:
    return tag("circle", tag("title", told), cx=at.x(x), cy=at.y(y), r="3.5", class_="dot")


def _whisker(at: _Scale, x: float, low: float | None, high: float | None) -> Html:
    return tag(
        "line", x1=at.x(x), y1=at.y(low or 0.0), x2=at.x(x), y2=at.y(1.0 if high is None else high), class_="whisker"
    )


def _points(at: _Scale, places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{at.x(x)},{at.y(y)}" for x, y in places)


def _svg(told: str, marks: Sequence[Html]) -> Html:
    return tag("svg", list(marks), viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=told)
