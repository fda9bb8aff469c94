"""A backtest as one Slack message: what a team reads before it lets the bot in.

Owns its wording and its order: what to expect, how good, what to set. Titles and logins come from a file, so they are
shown as text that cannot mention, link or ping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.evaluation.backtest_page import standing_words
from bot.evaluation.parts import words
from bot.slack.blocks.elements import bold, boxed, bullets, context, line, literal, plain, rich
from bot.slack.blocks.message import Json, Message
from bot.slack.escape import one_line
from bot.slack.lint import fitted
from graphs.evaluation.backtest.result import Backtest
from graphs.evaluation.backtest.thresholds import Threshold
from graphs.evaluation.intervals import Figure


def backtest_message(found: Backtest, redact: Callable[[str], str]) -> Message:
    """`redact`: what every text from outside passes before it goes to Slack."""
    found = found.model_copy(update={"title": redact(found.title)})
    blocks: list[Json] = [
        {"type": "header", "text": plain("Backtest on your own tickets")},
        rich(
            [
                line(
                    literal(f"{found.report.tickets:,} tickets of "),
                    bold(one_line(found.title, 80)),
                    literal(_period(found)),
                )
            ]
        ),
        rich([bullets(line(bold(f"{name}: "), literal(said)) for name, said in _facts(found))]),
        *_thresholds(found),
        context([plain(one) for one in _small(found)]),
    ]
    first = next(iter(_facts(found)), ("", "nothing could be measured"))
    return fitted(Message(text=f"Backtest of {one_line(found.title, 80)}: {first[0]} {first[1]}", blocks=tuple(blocks)))


def _period(found: Backtest) -> str:
    return f", {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}, in time order and without a look ahead."


def _facts(found: Backtest) -> Iterator[tuple[str, str]]:
    layers = found.report.layers
    if found.load is not None:
        yield "Cards a week", f"{found.load.recent_median:.0f} lately, {found.load.busiest} in the busiest week"
    if layers is not None:
        yield "Layer right", f"{_said(layers.figures.accuracy)}; always the largest: {_said(layers.figures.majority)}"
        best = layers.curve.best if layers.curve else None
        aim = f"{found.target * 100:.0f} %"
        if best is None:
            yield f"Sure enough for {aim}", "no confidence gives this, interval included"
        else:
            yield (
                f"Sure enough for {aim}",
                f"{best.coverage * 100:.0f} % of tickets, from confidence {best.threshold:.2f}",
            )
    if found.report.kind is not None:
        yield "Kind right", _said(found.report.kind.accuracy)
    if found.owners is not None:
        main = next(iter(found.owners.by_ranker.values()))
        first, three = main.hits.get(1), main.hits.get(3)
        yield (
            "Owner",
            f"first {_said(first)}, among three {_said(three)}; possible {found.owners.reachable.value * 100:.0f} %",
        )
    yield (
        "Cost",
        f"${found.cost_per_ticket:.4f} a ticket" if found.cost_per_ticket else "nothing: the local engine is free",
    )


def _thresholds(found: Backtest) -> Iterator[Json]:
    if found.report.layers is not None and found.thresholds:
        rows = "\n".join(_row(one) for one in found.thresholds)
        yield rich([line(bold("Proposed threshold for each layer")), boxed(rows)])


def _row(one: Threshold) -> str:
    from_here = "ask" if one.threshold is None else f"{one.threshold:.2f}"
    return f"{words(one.layer):<28} {from_here:>5}  {standing_words(one.standing)}"


def _small(found: Backtest) -> Iterator[str]:
    yield one_line(found.report.engine, 60)
    yield f"{found.undecided:,} tickets still open"
    if found.as_filed < found.report.tickets:
        yield "texts as they are today, unless the history says how they were filed"


def _said(figure: Figure | None) -> str:
    if figure is None:
        return "unknown"
    if figure.low is None or figure.high is None:
        return f"{figure.value * 100:.0f} %"
    return f"{figure.value * 100:.0f} % ({figure.low * 100:.0f} to {figure.high * 100:.0f}, n = {figure.n:,})"
