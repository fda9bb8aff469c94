"""Tickets of the past: what was filed, and what became of it.

Owns the split that keeps the future out. A row is parsed once into `Filed`, which is all that an engine is ever given,
and `Outcome`, which is shown to it only after the moment at which it became known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from graphs.evaluation.cases import BadLine, BadTickets, Id, KindName, Names, Risks, Text
from graphs.lines import rows_of
from graphs.model import Kind, LayerId, Risk, Role, Value

EXAMPLE = (
    '{"id": "1", "created_at": "2026-01-31T09:00:00Z", "closed_at": null, "title": "…", "body": "…",'
    ' "assignees": ["data-lead"], "layer": "retrieval_and_context"}'
)
_UNKNOWN_KINDS = frozenset({"", "none", "other"})


def _kind_or_none(told: object) -> object:
    return None if isinstance(told, str) and told.casefold() in _UNKNOWN_KINDS else told


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    title: Text = ""
    body: Text = ""


class _Row(BaseModel):
    """One line of a history. Further fields are allowed and not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: Id
    created_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    decided_at: AwareDatetime | None = None
    """When labels and owner were set, where the tracker told; else they count as known when the ticket was closed."""
    title: Annotated[str, Field(max_length=4_000)]
    body: Text = ""
    filed: _Words | None = None
    """The text as it was when filed, where the tracker told; `title` and `body` are as they are now."""
    repo: str = ""
    author: str = ""
    labels: Names = ()
    layer: LayerId | None = None
    kind: Annotated[KindName | None, BeforeValidator(_kind_or_none)] = None
    role: Role | None = None
    risk: Risks | None = None
    owner: Names = ()
    assignees: Names = ()
    duplicate_of: Names = ()
    tracker: str = ""
    language: str = ""
    reporter: str = ""


class Filed(Value):
    """A ticket at the moment it was filed: all that anyone could know then."""

    id: str
    project: str
    title: str
    body: str
    author: str
    created_at: datetime


class Outcome(Value):
    """What people made of it in the end."""

    layer: LayerId | None
    kind: Kind | None
    role: Role | None
    risk: tuple[Risk, ...] | None
    owners: tuple[str, ...]
    duplicate_of: tuple[str, ...]


class Past(Value):
    filed: Filed
    outcome: Outcome
    known_at: datetime | None
    """When the outcome became known; None: never, the ticket is still open."""
    as_filed: bool
    """Whether the text is known to be the one that was filed."""
    tracker: str
    language: str
    reporter: str


class History(Value):
    """In the order of filing."""

    past: tuple[Past, ...]
    bad: tuple[BadLine, ...]


def read_history(path: Path, layer_labels: Mapping[str, LayerId], kind_labels: Mapping[str, Kind]) -> History:
    """`layer_labels` and `kind_labels` give layer and kind by label (without regard to case) where no field says them.

    Raises `BadTickets`.
    """
    found = _history(rows_of(path, _Row), layer_labels, kind_labels)
    if not found.past:
        first = f"; line {found.bad[0].line}: {found.bad[0].why}" if found.bad else ""
        raise BadTickets(f"{path} holds no ticket{first}. A line looks like {EXAMPLE}")
    return found


def parse_rows(
    rows: Iterable[Mapping[str, object]], layer_labels: Mapping[str, LayerId], kind_labels: Mapping[str, Kind]
) -> History:
    """The same for rows that a tracker told. Raises `BadTickets` where there is none."""
    found = _history(((at, _Row.model_validate(row)) for at, row in enumerate(rows, 1)), layer_labels, kind_labels)
    if not found.past:
        raise BadTickets("the tracker told of no ticket there")
    return found


def _history(
    rows: Iterable[tuple[int, _Row | str]], layer_labels: Mapping[str, LayerId], kind_labels: Mapping[str, Kind]
) -> History:
    past: list[Past] = []
    bad: list[BadLine] = []
    seen: set[str] = set()
    for number, row in rows:
        if isinstance(row, str):
            bad.append(BadLine(line=number, why=row))
        elif row.id in seen:
            bad.append(BadLine(line=number, why=f"the id {row.id[:80]} stands in an earlier line already"))
        else:
            seen.add(row.id)
            past.append(_past(row, layer_labels, kind_labels))
    return History(past=tuple(sorted(past, key=lambda one: (one.filed.created_at, one.filed.id))), bad=tuple(bad))


def _past(row: _Row, layer_labels: Mapping[str, LayerId], kind_labels: Mapping[str, Kind]) -> Past:
    words = row.filed or _Words(title=row.title, body=row.body)
    known = row.decided_at or row.closed_at
    return Past(
        filed=Filed(
            id=row.id,
            project=row.repo or row.id.rpartition("#")[0],
            title=words.title,
            body=words.body,
            author=row.author,
            created_at=row.created_at,
        ),
        outcome=Outcome(
            layer=row.layer or _first(row.labels, layer_labels),
            kind=row.kind or _first(row.labels, kind_labels),
            role=row.role,
            risk=row.risk,
            owners=row.owner or row.assignees,
            duplicate_of=row.duplicate_of,
        ),
        # What is decided before filing is a clock gone wrong: it counts as known at once, but never before.
        known_at=None if known is None else max(known, row.created_at),
        as_filed=row.filed is not None,
        tracker=row.tracker,
        language=row.language,
        reporter=row.reporter,
    )


_Named = TypeVar("_Named", LayerId, Kind)


def _first(labels: tuple[str, ...], names: Mapping[str, _Named]) -> _Named | None:
    return next((names[label.casefold()] for label in labels if label.casefold() in names), None)
