"""Labelled tickets in a JSONL file: what `strata eval` measures with.

Owns the reading of that file: one JSON object a line, parsed once, bad lines told by number and left out. `layer`,
`kind`, `role` and `risk` are what people decided; each may be missing, and then that question is not asked.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from graphs.lines import UnusableFile, rows_of
from graphs.model import Kind, LayerId, Risk, Role, Value

_KINDS = {"docs": Kind.TASK, "enhancement": Kind.FEATURE, "chore": Kind.TASK}
"""What other tools call them."""


class BadTickets(UnusableFile):
    """A file holds nothing that can be measured with."""


def _kind(told: object) -> object:
    return _KINDS.get(told, told) if isinstance(told, str) else told


def _several(told: object) -> object:
    """A single name where a list is asked for."""
    return (told,) if isinstance(told, str) else told if told is not None else ()


def _text(told: object) -> object:
    return "" if told is None else told


def _id(told: object) -> object:
    return str(told) if isinstance(told, int) and not isinstance(told, bool) else told


Id = Annotated[str, BeforeValidator(_id), Field(min_length=1, max_length=400)]
KindName = Annotated[Kind, BeforeValidator(_kind)]
Names = Annotated[tuple[str, ...], BeforeValidator(_several)]
Risks = Annotated[tuple[Risk, ...], BeforeValidator(_several)]
Text = Annotated[str, BeforeValidator(_text)]


class Case(BaseModel):
    """One ticket with what is known to be right about it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: Id
    title: Annotated[str, Field(max_length=4_000)]
    body: Annotated[Text, Field(max_length=400_000)] = ""
    layer: LayerId | None = None
    also_accepted: Names = ()
    """Other layers that would be right too."""
    not_layer: LayerId | None = None
    """A layer that an approver refused, where the right one is not known."""
    kind: KindName | None = None
    not_kind: KindName | None = None
    role: Role | None = None
    risk: Risks | None = None
    owner: Names = ()
    """Anyone of these would be right."""
    assignees: Names = ()
    duplicate_of: Names = ()
    tracker: str = ""
    language: str = ""
    reporter: str = ""
    """Who reported it, as a type: customer, colleague, bot ..."""
    difficulty: str = ""
    origin: str = ""
    """Where it came in: portal, mail, chat ..."""

    @property
    def owners(self) -> frozenset[str]:
        return frozenset(self.owner or self.assignees)


class BadLine(Value):
    """A line that could not be read, and why."""

    line: int
    """From 1; 0 where only the text tells which it was."""
    why: str

    def text(self) -> str:
        return f"line {self.line}: {self.why}" if self.line else self.why


class Cases(Value):
    cases: tuple[Case, ...]
    bad: tuple[BadLine, ...]


def known_layers(read: Cases, layers: Collection[LayerId]) -> Cases:
    """Without tickets of a layer that does not exist, which nobody could guess. Raises `BadTickets` when none is left.

    The line of a left-out ticket is not known any more: its id tells which it was.
    """
    kept = tuple(one for one in read.cases if one.layer is None or one.layer in layers)
    strange = [one for one in read.cases if one.layer is not None and one.layer not in layers]
    if not kept:
        raise BadTickets(
            f"no ticket has a layer of the policies ({', '.join(layers)}), but {strange[0].layer!r} for example:"
            " correct the file, or set STRATA_POLICIES to the folder with your layers"
        )
    bad = [BadLine(line=0, why=f"ticket {one.id[:80]}: the policies have no layer {one.layer!r}") for one in strange]
    return Cases(cases=kept, bad=(*read.bad, *bad))


def read_cases(path: Path) -> Cases:
    """Raises `UnusableFile` where the file cannot be opened, `BadTickets` where it holds no ticket that can be read."""
    cases: list[Case] = []
    bad: list[BadLine] = []
    seen: set[str] = set()
    for number, row in rows_of(path, Case):
        if isinstance(row, str):
            bad.append(BadLine(line=number, why=row))
        elif row.id in seen:
            bad.append(BadLine(line=number, why=f"the id {row.id[:80]} stands in an earlier line already"))
        else:
            seen.add(row.id)
            cases.append(row)
    if not cases:
        first = f"; line {bad[0].line}: {bad[0].why}" if bad else ""
        raise BadTickets(f'{path} holds no ticket{first}. A line looks like {{"id": "1", "title": "…", "body": "…"}}')
    return Cases(cases=tuple(cases), bad=tuple(bad))
