"""The page of a backtest: what the bot would have done with a team's own past.

Owns the order of its sections and their wording. Must not compute a figure.
"""

from __future__ import annotations

from bot.evaluation.layers import layer_sections
from bot.evaluation.page import bad_lines, run_section
from bot.evaluation.parts import (
    NOTHING,
    bounds,
    cell,
    count,
    decimal,
    page,
    percent,
    row,
    section,
    table,
    tile,
    tiles,
    words,
)
from bot.evaluation.plots import weekly
from bot.markup import Html, tag
from graphs.evaluation.backtest.load import Load
from graphs.evaluation.backtest.result import Backtest, OwnerHits
from graphs.evaluation.backtest.thresholds import EARLIER, Standing, Threshold
from graphs.evaluation.ranking import Ranking

STANDINGS = {
    Standing.CONFIRMED: ("confirmed by later tickets", "good"),
    Standing.LIKELY: ("later tickets agree, too few to be sure", "warn"),
    Standing.REFUTED: ("later tickets fall short: do not use", "bad"),
    Standing.UNTESTED: ("no later ticket was as sure", "warn"),
    Standing.NONE: ("none found: always ask", "quiet"),
}


def backtest_page(found: Backtest) -> str:
    report = found.report
    period = f"{found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}"
    under = [
        f"{report.engine} · {report.tickets:,} tickets of {found.title}, {period}",
        "Each ticket was asked about as if it had just been filed, in time order. Figures stand with 95 % intervals.",
    ]
    return page(
        "Strata backtest",
        under,
        [
            _what(found),
            _thresholds(found) if report.layers else None,
            _load(found.load) if found.load else None,
            _owners(found.owners) if found.owners else None,
            *(layer_sections(report.layers, report) if report.layers else ()),
            _kind(found),
            run_section(report.run),
            bad_lines(report),
        ],
    )


def standing_words(standing: Standing) -> str:
    return STANDINGS[standing][0]


def _what(found: Backtest) -> Html:
    report = found.report
    labelled = report.layers.figures.n if report.layers else 0
    today = report.tickets - found.as_filed
    lines = [
        f"{labelled:,} of {report.tickets:,} tickets have a layer that people set: only those judge layers.",
        f"{found.undecided:,} tickets are still open: they count as load and teach nothing.",
        "What became of a ticket was learnt only after it was closed or decided.",
        "The engine saw title, text, reporter, project and time; no label or assignee of the ticket itself.",
        "The shipped engine learnt from public issues of open-source projects: a history of theirs flatters it.",
    ]
    if today:
        lines.append(f"Of {today:,} tickets the text is today's, for the history does not tell what was filed.")
    return section("What these figures are", tag("ul", [tag("li", one) for one in lines]))


def _thresholds(found: Backtest) -> Html:
    aim = f"{found.target * 100:.0f} %"
    told = (
        f"From which confidence on are the bot's guesses right in at least {aim}, interval included? Chosen on the"
        f" first {EARLIER * 100:.0f} % of tickets, tested on the rest. Either way nothing is written without a person."
    )
    rows = [_threshold(one) for one in found.thresholds]
    head = ["layer", "tickets", "threshold", "standing", "precision then", "precision later", "coverage later"]
    return section("Proposed thresholds", tag("p", told), table(head, rows))


def _threshold(one: Threshold) -> Html:
    said, tone = STANDINGS[one.standing]
    then = one.chosen_on.precision if one.chosen_on else None
    return row(
        words(one.layer),
        count(one.tickets),
        tag("td", NOTHING if one.threshold is None else f"{one.threshold:.2f}", class_="n"),
        tag("td", said, class_=tone),
        cell(then),
        cell(one.later_precision),
        cell(one.later_coverage),
    )


def _load(found: Load) -> Html:
    layers = [row(words(layer), tag("td", f"{mean:.1f}", class_="n")) for layer, mean in found.by_layer.items()]
    owners = [row(owner, tag("td", f"{mean:.1f}", class_="n")) for owner, mean in found.by_owner.items()]
    bars = tag("figure", tag("figcaption", "Tickets a week"), weekly(found.per_week, found.first_week))
    lately = f"the last {found.recent_weeks} weeks"
    beside = tag(
        "div",
        table(["proposed layer", f"cards a week, {lately}"], layers),
        table(["ranked first", "cards a week"], owners) if owners else None,
    )
    return section(
        "Expected weekly load",
        tiles(
            tile("cards a week", f"{found.recent_median:.0f}", f"median of {lately}"),
            tile(
                "over all weeks",
                f"{found.median.value:.0f}",
                f"of ten weeks one has over {found.p90:.0f}; busiest {found.busiest}",
            ),
            tile("unsure", f"{found.unsure_share * 100:.0f} %", "less than half sure, or abstained"),
            tile(
                "over a usable threshold",
                NOTHING if found.sure_share is None else f"{found.sure_share * 100:.0f} %",
                "" if found.sure_share is not None else "no threshold is usable yet",
            ),
        ),
        tag("div", bars, beside, class_="plots"),
    )


def _owners(found: OwnerHits) -> Html:
    rows = [_ranking(name, ranking) for name, ranking in found.by_ranker.items()]
    cold = [_ranking(name, ranking) for name, ranking in found.cold.items()]
    ceiling = f"{percent(found.reachable)} ({bounds(found.reachable)})"
    head = ["ranked by", "tickets", "right owner first", "among the first 3", "among the first 5"]
    return section(
        "Owners",
        tag(
            "p",
            "A right owner was known from an earlier ticket in ",
            ceiling,
            ": no ranking of the past can do better.",
        ),
        table(head, rows),
        [tag("h3", "With less than 20 known outcomes"), table(head, cold)] if cold else None,
    )


def _ranking(name: str, found: Ranking) -> Html:
    return row(words(name), count(found.n), *(cell(found.hits.get(k)) for k in (1, 3, 5)))


def _kind(found: Backtest) -> Html | None:
    kind = found.report.kind
    if kind is None:
        return None
    return section(
        "Kind",
        tiles(
            tile("accuracy", percent(kind.accuracy), bounds(kind.accuracy), f"of {kind.n:,}"),
            tile("macro-F1", decimal(kind.macro_f1)),
            tile("most frequent always", percent(kind.majority), bounds(kind.majority)),
        ),
    )
