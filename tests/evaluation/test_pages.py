"""Pages and the Slack message: whole, without script or address, and nothing in them that a file could plant."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from bot.evaluation.backtest_message import backtest_message
from bot.evaluation.backtest_page import backtest_page
from bot.evaluation.page import evaluation_page
from bot.slack.lint import lint_message
from graphs.evaluation.backtest.history import History
from graphs.evaluation.backtest.result import Backtest, backtest
from graphs.evaluation.cases import BadLine, Case
from graphs.evaluation.regression import judged
from graphs.evaluation.report import Report, measured
from graphs.evaluation.rubric import Criterion, Marks, summed
from graphs.model import Kind, LayerId, Role
from tests.evaluation.made import MODEL, RETRIEVAL, FixedTriager, a_past, an_answer

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> <!channel> @here"
VOID = {"meta", "br", "hr", "input", "link"}


class Reader(HTMLParser):
    """Checks that what is opened is closed, and collects what a page could load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href") or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.loads == []
    assert not {"script", "img", "iframe", "link", "object"} & set(reader.seen)
    assert not re.search(r"url\(|@import|https?://", page)
    return reader


@pytest.fixture(scope="module")
def report() -> Report:
    cases = [
        Case(
            id=str(at),
            title="t",
            layer=(RETRIEVAL, MODEL)[at % 2],
            kind=Kind.BUG,
            role=Role.BOTH,
            risk=(),
            owner=("x",),
            language=HOSTILE,
        )
        for at in range(60)
    ]
    layers = (RETRIEVAL, MODEL, LayerId(HOSTILE))
    told = {
        "kind": Kind.BUG,
        "role": Role.BOTH,
        "risks": (),
        "owners": ("x",),
        "quotes": ("t",),
        "milliseconds": 2.0,
        "engine": HOSTILE,
    }
    answers = {
        one.id: an_answer((RETRIEVAL, MODEL)[at % 5 % 2], 0.4 + at / 120).model_copy(
            update={**told, "layer_set": (RETRIEVAL,)}
        )
        for at, one in enumerate(cases)
    }
    found = measured(HOSTILE, cases, answers, layers=layers)
    marks = summed([Marks(passed=tuple(Criterion), failed=())] * 3)
    return found.model_copy(
        update={"bad_lines": (BadLine(line=3, why=HOSTILE),), "notes": (HOSTILE,), "explanations": marks}
    )


@pytest.fixture(scope="module")
def past() -> Backtest:
    rows = tuple(a_past(str(at), at, known=at + 0.5, owner=HOSTILE, layer=RETRIEVAL) for at in range(90))
    triager = FixedTriager(an_answer().model_copy(update={"kind": Kind.BUG}))
    return backtest(HOSTILE, History(past=rows, bad=(BadLine(line=1, why=HOSTILE),)), triager)


def test_the_evaluation_page_shows_every_section(report: Report) -> None:
    worse = report.model_copy(
        update={"outcomes": tuple(one.model_copy(update={"guess": MODEL}) for one in report.outcomes)}
    )
    shown = read(evaluation_page(report, judged(report, worse)))
    for title in (
        *(
            "What these figures are",
            "Against the saved report",
            "Layers",
            "Confusion",
            "How sure, how right",
            "Each layer",
            "Layer sets",
        ),
        *("Kind", "Role", "Risk flags", "Owners", "Citations", "Explanations", "Cost and time", "Lines left out"),
    ):
        assert title in shown.text
    assert shown.seen.count("svg") == 2
    assert "gate failed" in shown.text
    assert HOSTILE in shown.text


def test_the_backtest_page_shows_every_section(past: Backtest) -> None:
    shown = read(backtest_page(past))
    for title in (
        "What these figures are",
        "Proposed thresholds",
        "Expected weekly load",
        "Owners",
        "Layers",
        "Kind",
        "Lines left out",
    ):
        assert title in shown.text
    assert shown.seen.count("svg") == 3
    assert HOSTILE in shown.text


def test_pages_are_drawn_of_next_to_nothing() -> None:
    read(evaluation_page(measured("none", [], {})))
    read(backtest_page(backtest("one", History(past=(a_past("1", 0),), bad=()), FixedTriager())))


def test_every_curve_stays_within_its_plot(report: Report, past: Backtest) -> None:
    for page in (evaluation_page(report), backtest_page(past)):
        places = re.findall(r'points="([^"]+)"', page)
        assert places
        for x, y in (pair.split(",") for points in places for pair in points.split()):
            assert 0 <= float(x) <= 360
            assert 0 <= float(y) <= 270


def test_the_slack_message_is_one_that_slack_takes_and_pings_nobody(past: Backtest) -> None:
    message = backtest_message(past, str)
    assert lint_message(message) == []
    assert "<!channel>" not in str([one for one in message.blocks if "mrkdwn" in str(one)])
    said = str(message.blocks)
    assert "cards a week" in said.lower()
    assert "the local engine is free" in said
    assert (
        lint_message(backtest_message(backtest("one", History(past=(a_past("1", 0),), bad=()), FixedTriager()), str))
        == []
    )
