"""Cases, answers and histories for the tests of evaluation; owns nothing but construction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graphs.evaluation.answers import Answer
from graphs.evaluation.backtest.history import Filed, Outcome, Past
from graphs.evaluation.cases import Case
from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.model import Kind, LayerId

WORKFLOW, APPLICATION, RETRIEVAL, MODEL, OPERATIONS = DEFAULT_LAYERS
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def a_case(
    name: str, layer: LayerId | None = RETRIEVAL, *, title: str = "Search finds nothing", body: str = ""
) -> Case:
    return Case(id=name, title=title, body=body, layer=layer)


def an_answer(layer: LayerId = RETRIEVAL, sure: float = 0.8, *, known: bool = True) -> Answer:
    rest = (1 - sure) / (len(DEFAULT_LAYERS) - 1)
    return Answer(
        scores={one: sure if one == layer else rest for one in DEFAULT_LAYERS}, known_ground=known, engine="made-1"
    )


def a_past(
    name: str,
    day: float,
    *,
    known: float | None = None,
    owner: str = "",
    layer: LayerId | None = None,
    title: str = "Search finds nothing",
    project: str = "acme/assistant",
) -> Past:
    """Filed on a day after `START`; its outcome became known on day `known`, or never."""
    return Past(
        filed=Filed(id=name, project=project, title=title, body="", author="", created_at=START + timedelta(days=day)),
        outcome=Outcome(
            layer=layer,
            kind=Kind.BUG,
            role=None,
            risk=None,
            owners=(owner,) if owner else (),
            duplicate_of=(),
        ),
        known_at=None if known is None else START + timedelta(days=known),
        as_filed=False,
        tracker="",
        language="",
        reporter="",
    )


class FixedTriager:
    """Says the same of every ticket, and remembers what it was shown."""

    name = "fixed"

    def __init__(self, answer: Answer | None = None) -> None:
        self._answer = answer or an_answer()
        self.asked: list[str] = []
        self.learnt: list[str] = []

    def answer(self, filed: Filed) -> Answer:
        self.asked.append(filed.id)
        return self._answer

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        self.learnt.append(filed.id)
