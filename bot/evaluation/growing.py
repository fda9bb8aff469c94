"""Makes evaluation cases of the corrections in a record.

Owns what a correction says about the right answer, the shape of a case, and the file: cases are added and renewed by
id, and those of tickets that were erased on request are taken out. What a case holds went through the redactor when
the ticket was read, and goes through it once more; who reported the ticket is left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.record.corrections import Correction
from bot.record.eraser import ERASED
from bot.record.record import Record
from graphs.answers import Screened
from graphs.errors import StrataError
from graphs.model import Comment, Edited, Kind, LayerId, Millis, Proposal, Rejected, RejectReason, SlackUserId, Value

PAGE = 200
Redact = Callable[[str], str]
Decider = Callable[[SlackUserId], str]
"""A role handle, or a word that names nobody."""


class BadCaseFile(StrataError):
    """The file of cases cannot be read or written."""


class Choice(Value):
    layer: LayerId
    kind: Kind
    owner: str | None


class GrownCase(BaseModel):
    """A line of the file. `strata eval` reads `layer`, `kind`, `owner`, `not_layer` and `not_kind`; the rest says where
    it comes from. Fields that people add by hand are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    id: str
    title: str
    body: str
    layer: LayerId | None = None
    kind: Kind | None = None
    owner: tuple[str, ...] = ()
    not_layer: LayerId | None = None
    not_kind: Kind | None = None
    not_owner: str | None = None
    proposed: Choice
    """What the bot had said."""
    reason: str
    note: str
    tracker: str
    engine: str
    decided_at: str
    decided_by: str
    proposal: str = Field(min_length=1)


class Grown(Value):
    """What became of all corrections."""

    new: int = 0
    renewed: int = 0
    aged: int = 0
    """Their text has left the record: made no case in time, or stand in the file as they were."""
    silent: int = 0
    """Corrections that do not say what would be right: only the comment was changed, or no place for it now."""
    erased: int = 0
    """Taken out of the file, or never put in, because somebody asked to be forgotten."""
    cases: int = 0
    """In the file now."""


async def grow(record: Record, file: Path, redact: Redact, decider: Decider, *, dry_run: bool) -> Grown:
    """Raises `BadCaseFile`."""
    rows = _read(file)
    before = dict(rows)
    counts = {"aged": 0, "silent": 0, "erased": 0}
    found: dict[str, JsonValue] = {}
    async for one in _corrections(record):
        name = case_id(one)
        if is_erased(one):
            counts["erased"] += 1
            rows.pop(name, None)
            found.pop(name, None)
        elif one.screened is None:
            counts["aged"] += 1
        elif (case := case_of(one, redact, decider)) is None:
            counts["silent"] += 1
        else:
            told = case.model_dump(mode="json", exclude_none=True)
            found[name] = told
            rows[name] = {**_added_by_hand(rows.get(name)), **told}
    if not dry_run and rows != before:
        _write(file, rows)
    new = sum(name not in before for name in found)
    return Grown(new=new, renewed=len(found) - new, cases=len(rows), **counts)


def case_id(one: Correction) -> str:
    return f"{one.proposed.target.short}@{one.proposed.id[:12]}"


def case_of(one: Correction, redact: Redact, decider: Decider) -> GrownCase | None:
    """None where the correction does not say what would be right, or its ticket's text is gone."""
    if one.screened is None:
        return None
    said = _right(one)
    if said is None:
        return None
    ticket = Screened.model_validate_json(one.screened).ticket
    return GrownCase.model_validate(
        {
            "id": case_id(one),
            "title": redact(ticket.title),
            "body": redact(ticket.body),
            **said,
            "proposed": _choice(one.proposed),
            "note": redact(one.decision.note),
            "tracker": str(one.proposed.target.tracker),
            "engine": one.proposed.versions.get("engine", ""),
            "decided_at": _iso(one.decision.at),
            "decided_by": decider(one.decision.by),
            "proposal": one.proposed.id,
        }
    )


def is_erased(one: Correction) -> bool:
    """Whether somebody had the ticket's words taken out of the record."""
    if one.screened is not None and Screened.model_validate_json(one.screened).ticket.title == ERASED:
        return True
    return any(isinstance(each, Comment) and each.body == ERASED for each in one.proposed.operations)


def _right(one: Correction) -> dict[str, object] | None:
    """What is right now, or what is known to be wrong."""
    match one.decision:
        case Edited():
            return None if one.chosen is None else _changed(_choice(one.proposed), _choice(one.chosen))
        case Rejected(reason=RejectReason.WRONG_LAYER as reason, layer=str(layer)) if layer != one.proposed.layer:
            return {"layer": layer, "not_layer": one.proposed.layer, "reason": reason}
        case Rejected(reason=reason):
            return _refused(one.proposed, reason)


def _changed(old: Choice, new: Choice) -> dict[str, object] | None:
    changed = [name for name in ("layer", "kind", "owner") if getattr(old, name) != getattr(new, name)]
    if not changed:
        return None
    owner = () if new.owner is None else (new.owner,)
    return {"layer": new.layer, "kind": new.kind, "owner": owner, "reason": f"changed {', '.join(changed)}"}


def _refused(proposed: Proposal, reason: RejectReason) -> dict[str, object] | None:
    match reason:
        case RejectReason.WRONG_LAYER:
            return {"not_layer": proposed.layer, "reason": reason}
        case RejectReason.WRONG_KIND:
            return {"not_kind": proposed.kind, "reason": reason}
        case RejectReason.WRONG_OWNER if proposed.owner is not None:
            return {"not_owner": proposed.owner.owner, "reason": reason}
        case _:
            return None


def _choice(proposal: Proposal) -> Choice:
    return Choice(layer=proposal.layer, kind=proposal.kind, owner=proposal.owner.owner if proposal.owner else None)


def _iso(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


async def _corrections(record: Record) -> AsyncIterator[Correction]:
    at, last = 0, ""
    while True:
        async with record.read() as tx:
            page = await tx.corrections.after(at, last, PAGE)
        for one in page:
            yield one
        if len(page) < PAGE:
            return
        at, last = page[-1].stored_at, page[-1].proposed.id


def _added_by_hand(row: JsonValue) -> dict[str, JsonValue]:
    """Fields of an earlier row that no correction fills: people write `role` or `risk` there."""
    ours = set(GrownCase.model_fields)
    return {name: value for name, value in row.items() if name not in ours} if isinstance(row, dict) else {}


def _read(file: Path) -> dict[str, JsonValue]:
    rows: dict[str, JsonValue] = {}
    try:
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise BadCaseFile(f"{file} cannot be read ({type(error).__name__})") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                rows[GrownCase.model_validate_json(line).id] = json.loads(line)
            except ValidationError:
                raise BadCaseFile(
                    f"{file} line {number} is no grown case: name another file, this one is left as it is"
                ) from None
    return rows


def _write(file: Path, rows: dict[str, JsonValue]) -> None:
    """All or nothing: a crash half way leaves the old file."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values())
    try:
        with NamedTemporaryFile("w", dir=file.parent, prefix=file.name, delete=False, encoding="utf-8") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).replace(file)
    except OSError as error:
        raise BadCaseFile(f"{file} cannot be written: {error.strerror}") from None
