"""What an engine said about a ticket, in the form that all measurements take.

Owns the protocol of an engine under test, the adapter of the local engine, and the reading of answers that any other
program wrote. An engine is given the text and nothing else: no labels, no id, nobody's decision.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from graphs.evaluation.cases import BadLine, BadTickets, Id, KindName, Risks
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.lines import rows_of
from graphs.model import (
    Analysis,
    CleanTicket,
    InstallId,
    Kind,
    LayerId,
    Login,
    Millis,
    Risk,
    Role,
    Ticket,
    TicketRef,
    TicketState,
    TrackerName,
    Value,
)
from graphs.ports import Dossier


class Answer(Value):
    """One answer. What an engine does not say is None and is not measured."""

    scores: dict[LayerId, float]
    """Probability of each layer; sums to 1."""
    layer_set: tuple[LayerId, ...] | None = None
    kind: Kind | None = None
    role: Role | None = None
    risks: tuple[Risk, ...] | None = None
    known_ground: bool = True
    """False: the engine abstains, the ticket is unlike anything it has seen."""
    quotes: tuple[str, ...] | None = None
    """What it says the ticket says; each has to stand there word for word."""
    owners: tuple[str, ...] | None = None
    """Ranked, best first."""
    duplicates: tuple[str, ...] | None = None
    """Ids of tickets filed earlier, best first."""
    engine: str = ""
    cost_usd: float = 0.0
    milliseconds: float | None = None

    @property
    def layer(self) -> LayerId:
        return max(self.scores, key=lambda one: (self.scores[one], one))

    @property
    def confidence(self) -> float:
        return self.scores[self.layer]


class Engine(Protocol):
    """Whatever reads a ticket."""

    @property
    def name(self) -> str: ...

    def answer(self, title: str, body: str) -> Answer:
        """Raises `graphs.errors.EngineUnavailable`."""
        ...


class Analyst(Protocol):
    """An engine of the product that answers at once, as the local ones do."""

    name: str

    def analyse_now(self, dossier: Dossier) -> Analysis: ...


class OfTheProduct:
    """The product's own engine as one under test; how long it thinks is measured in processor time."""

    def __init__(self, analyst: Analyst, layers: tuple[LayerId, ...] = DEFAULT_LAYERS) -> None:
        self._analyst = analyst
        self._layers = layers
        self.name = analyst.name

    def answer(self, title: str, body: str) -> Answer:
        dossier = Dossier(ticket=as_filed(title, body), layers=self._layers)
        started = time.thread_time()
        analysis = self._analyst.analyse_now(dossier)
        return of_analysis(analysis, (time.thread_time() - started) * 1000)


def of_analysis(analysis: Analysis, milliseconds: float | None = None) -> Answer:
    return Answer(
        scores=analysis.layer_scores,
        layer_set=analysis.layer_set or None,
        kind=analysis.kind,
        role=analysis.role,
        risks=analysis.risks,
        known_ground=not analysis.abstains,
        quotes=tuple(one.text for one in analysis.evidence if one.source == "quote"),
        engine=analysis.engine,
        cost_usd=analysis.cost_usd,
        milliseconds=milliseconds,
    )


def as_filed(title: str, body: str, number: str = "1") -> CleanTicket:
    """A ticket of which nothing but its text is known, cleaned as the bot cleans it."""
    ticket = Ticket(
        ref=TicketRef(tracker=TrackerName.GITHUB, install=InstallId("evaluation"), project="a/b", number=number),
        url="",
        title=title,
        body=body,
        author=Login(""),
        author_is_bot=False,
        labels=(),
        assignees=(),
        state=TicketState.OPEN,
        private=True,
        locked=False,
        created_at=Millis(0),
        updated_at=Millis(0),
        version="",
    )
    return clean(ticket, Redactor(b"evaluation"))


# --- answers that stand in a file -----------------------------------------------------------------------------------


class _Ranked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    owner: str = ""
    id: Annotated[str, BeforeValidator(str)] = ""


class _Line(BaseModel):
    """A line of `strata classify`, of `strata owners rank`, of `strata duplicates find`, or of another program."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: Id
    layer: LayerId | None = None
    scores: dict[LayerId, Annotated[float, Field(ge=0)]] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    layer_set: tuple[LayerId, ...] | None = None
    kind: KindName | None = None
    role: Role | None = None
    risk: Risks | None = None
    known_ground: bool | None = None
    abstain: bool | None = None
    quotes: tuple[str, ...] | None = None
    owners: tuple[_Ranked, ...] | None = None
    candidates: tuple[_Ranked, ...] | None = None
    engine: str | None = None
    cost_usd: float | None = None
    milliseconds: float | None = None

    @model_validator(mode="after")
    def _finite(self) -> Self:
        if any(not math.isfinite(one) for one in (self.scores or {}).values()):
            raise ValueError("a score is no finite number")
        return self


class Told(Value):
    """Answers by ticket id, and the lines that could not be read."""

    answers: dict[str, Answer]
    bad: tuple[BadLine, ...]


def read_answers(paths: Iterable[Path], layers: tuple[LayerId, ...] = DEFAULT_LAYERS) -> Told:
    """Answers that other programs wrote; several files about the same tickets complete each other.

    Raises `BadTickets` where a file cannot be read or holds no answer.
    """
    found: dict[str, dict[str, object]] = {}
    bad: list[BadLine] = []
    for path in paths:
        count = 0
        for number, row in rows_of(path, _Line):
            if isinstance(row, str):
                bad.append(BadLine(line=number, why=f"{path.name}: {row}"))
            else:
                count += 1
                found.setdefault(row.id, {}).update(_told(row, layers))
        if not count:
            raise BadTickets(
                f'{path} holds no answer. A line looks like {{"id": "1", "scores": {{"{layers[0]}": 0.9}}}}'
            )
    blank: dict[str, object] = {"scores": dict.fromkeys(layers, 1 / len(layers)), "known_ground": False}
    answers = {one: Answer.model_validate({**blank, **told}) for one, told in found.items()}
    return Told(answers=answers, bad=tuple(bad))


def _told(row: _Line, layers: tuple[LayerId, ...]) -> Mapping[str, object]:
    scores = _scores(row, layers)
    facts: dict[str, object | None] = {
        "scores": scores,
        "known_ground": row.known_ground if row.known_ground is not None else _unless(row.abstain, scores),
        "layer_set": row.layer_set,
        "kind": row.kind,
        "role": row.role,
        "risks": row.risk if "risk" in row.model_fields_set else None,
        "quotes": row.quotes,
        "owners": None if row.owners is None else tuple(one.owner for one in row.owners),
        "duplicates": None if row.candidates is None else tuple(one.id for one in row.candidates),
        "engine": row.engine,
        "cost_usd": row.cost_usd,
        "milliseconds": row.milliseconds,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _unless(abstain: bool | None, scores: object) -> bool | None:  # noqa: FBT001  # a field of the row
    if abstain is not None:
        return not abstain
    return None if scores is None else True


def _scores(row: _Line, layers: tuple[LayerId, ...]) -> dict[LayerId, float] | None:
    """As told and made to sum to 1. A bare layer gets its confidence, or all; the others share the rest."""
    if row.scores and (whole := sum(row.scores.values())) > 0:
        return dict.fromkeys(layers, 0.0) | {layer: score / whole for layer, score in row.scores.items()}
    if row.layer is None:
        return None
    sure = 1.0 if row.confidence is None else row.confidence
    others = [one for one in layers if one != row.layer]
    return {**{one: (1 - sure) / max(1, len(others)) for one in others}, row.layer: sure}
