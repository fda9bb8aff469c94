"""One row of a file to one row of answers: the contract of `strata classify`.

Owns the shape of both rows. The text passes the same cleaning as a ticket of a tracker, so a file gets the answers that
the bot would give. Must not read or write files.
"""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs.errors import BadRow
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.model import (
    Analysis,
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
)
from graphs.ports import Dossier

DECIMALS = 6


class Asked(BaseModel):
    """A row that comes in. Further fields are allowed and not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)

    id: str | int
    title: str
    body: str | None = None


class Classified(BaseModel):
    """A row that goes out, in this order of fields."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    layer: LayerId
    scores: dict[LayerId, float]
    layer_set: tuple[LayerId, ...]
    confidence: float = Field(ge=0, le=1)
    """Probability of `layer`."""
    kind: Kind
    role: Role
    risk: tuple[Risk, ...]
    secondary: tuple[LayerId, ...]
    engine: str


class Engine(Protocol):
    """An engine that answers without a loop."""

    name: str

    def analyse_now(self, dossier: Dossier) -> Analysis: ...


def asked(line: bytes) -> Asked:
    """Raises `BadRow`."""
    try:
        return Asked.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise BadRow("this is not JSON") from None
        if first["type"] == "model_type":
            raise BadRow('this is no object; a row looks like {"id": "1", "title": "…", "body": "…"}') from None
        raise BadRow(f"{first['loc'][0]}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def classified(engine: Engine, row: Asked, layers: tuple[LayerId, ...], redactor: Redactor) -> Classified:
    """Raises `graphs.errors.EngineUnavailable`."""
    found = engine.analyse_now(dossier_of(row, layers, redactor))
    return Classified(
        id=row.id,
        layer=found.layer,
        scores={layer: round(found.layer_scores[layer], DECIMALS) for layer in layers if layer in found.layer_scores},
        layer_set=found.layer_set,
        confidence=round(found.confidence, DECIMALS),
        kind=found.kind,
        role=found.role,
        risk=found.risks,
        secondary=found.secondary,
        engine=found.engine,
    )


def dossier_of(row: Asked, layers: tuple[LayerId, ...], redactor: Redactor) -> Dossier:
    """What an engine is given of a row."""
    return Dossier(ticket=clean(_ticket(row), redactor), layers=layers)


def _ticket(row: Asked) -> Ticket:
    ref = TicketRef(tracker=TrackerName.GITHUB, install=InstallId("file"), project="file/rows", number="1")
    return Ticket(
        ref=ref,
        url="",
        title=row.title,
        body=row.body or "",
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
