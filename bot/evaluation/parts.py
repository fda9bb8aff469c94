"""Parts that both pages are made of: the frame, tiles, tables, figures in words.

Owns how a figure reads. Must not know what is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from bot.markup import Child, Html, document, tag
from graphs.evaluation.classes import ClassFigures, Classification
from graphs.evaluation.intervals import Figure

NOTHING = "–"  # noqa: RUF001  # a dash for "nothing to say"


def page(title: str, under: Sequence[str], sections: Sequence[Html | None]) -> str:
    """A document that needs nothing beside itself: no script, no picture, no address."""
    style = resources.files("bot.evaluation").joinpath("style.css").read_text("utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", title),
        tag("style", Html(style)),
    )
    top = tag("header", tag("div", tag("h1", title), [tag("p", line) for line in under]))
    return document(tag("html", head, tag("body", top, tag("main", [one for one in sections if one])), lang="en"))


def section(title: str, *inside: Child) -> Html:
    return tag("section", tag("h2", title), *inside)


def words(identifier: str) -> str:
    return identifier.replace("_", " ")


def percent(figure: Figure | None) -> str:
    return NOTHING if figure is None else f"{figure.value:.1%}".replace("%", " %")


def bounds(figure: Figure | None) -> str:
    """`72.1 to 84.2 %`"""
    if figure is None or figure.low is None or figure.high is None:
        return ""
    return f"{figure.low * 100:.1f} to {figure.high * 100:.1f} %"


def decimal(figure: Figure | None) -> str:
    return NOTHING if figure is None else f"{figure.value:.3f}"


def spread(figure: Figure | None) -> str:
    """`0.72 to 0.84`"""
    if figure is None or figure.low is None or figure.high is None:
        return ""
    return f"{figure.low:.3f} to {figure.high:.3f}"


def cell(figure: Figure | None, *, shares: bool = True) -> Html:
    """A figure with its interval, for a table."""
    if figure is None:
        return tag("td", NOTHING, class_="n")
    value, around = (percent(figure), bounds(figure)) if shares else (decimal(figure), spread(figure))
    return tag("td", value, " ", tag("small", around), class_="n")


def tile(name: str, value: str, around: str = "", note: str = "") -> Html:
    return tag(
        "div",
        tag("dt", name),
        tag(
            "dd",
            tag("strong", value),
            tag("small", around),
            tag("br") if note and around else None,
            tag("small", note) if note else None,
        ),
        class_="tile",
    )


def tiles(*found: Html | None) -> Html:
    return tag("dl", [one for one in found if one], class_="tiles")


def table(head: Sequence[str], rows: Sequence[Html], kind: str | None = None, numbers_from: int = 1) -> Html:
    """`numbers_from`: columns from here on hold numbers."""
    names = [tag("th", name, scope="col", class_="n" if at >= numbers_from else None) for at, name in enumerate(head)]
    inside = tag("table", tag("thead", tag("tr", names)), tag("tbody", list(rows)), class_=kind)
    return tag("div", inside, class_="wide", tabindex="0", role="region", aria_label=f"Table: {', '.join(head[:3])} …")


def row(name: Child, *cells: Html) -> Html:
    return tag("tr", tag("th", name, scope="row"), *cells)


def count(number: int) -> Html:
    return tag("td", f"{number:,}", class_="n")


def confusion(found: Classification) -> Html:
    """Rows are the truth, columns the guesses; a darker cell holds more of its row."""
    names = [words(one.name) for one in found.classes]
    numbered = [
        tag("th", str(at), tag("span", f" {name}", class_="long"), scope="col") for at, name in enumerate(names, 1)
    ]
    head = tag("tr", tag("th", "true ↓ guessed →"), numbered)
    rows = [
        tag(
            "tr",
            tag("th", f"{at + 1} {names[at]}", scope="row"),
            [_heat(number, sum(cells), at == other) for other, number in enumerate(cells)],
        )
        for at, cells in enumerate(found.confusion)
    ]
    inside = tag("table", tag("thead", head), tag("tbody", rows), class_="confusion")
    return tag("div", inside, class_="wide", tabindex="0", role="region", aria_label="Confusion matrix")


def _heat(number: int, total: int, right: bool) -> Html:  # noqa: FBT001  # where the cell stands
    share = 0.55 * number / total if total else 0.0
    return tag(
        "td",
        str(number) if number else "·",
        class_="right" if right else None if number else "none",
        style=f"--share: {share:.3f}",
    )


def classes(found: Sequence[ClassFigures], kind: str) -> Html:
    rows = [
        row(words(one.name), count(one.support), cell(one.precision), cell(one.recall), cell(one.f1, shares=False))
        for one in found
        if one.support or one.guessed
    ]
    return table([kind, "tickets", "precision", "recall", "F1"], rows)
