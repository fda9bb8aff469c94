"""What each step keeps in the record, and how it is read back: the card is drawn from these, never from a model."""

from __future__ import annotations

from typing import TypeVar

from graphs.model import CleanTicket, Evidence, Kind, LayerId, Millis, OwnerChoice, Similar, TriageId, Value
from graphs.ports import Notebook
from graphs.state import Step


class Screened(Value):
    ticket: CleanTicket
    closed: bool
    opened_at: Millis


class Gathered(Value):
    tracker_labels: tuple[str, ...]
    similar: tuple[Similar, ...] = ()
    """Best first. Where they are and how alike, nothing of their text: that stays in one place, to be erased there."""


class OtherLayer(Value):
    layer: LayerId
    owner: OwnerChoice | None


class Checked(Value):
    """What is left of an analysis after each claim was checked."""

    layer: LayerId
    kind: Kind
    owner: OwnerChoice | None
    evidence: tuple[Evidence, ...]
    unsupported: int
    """Claims dropped because their quote is not in the ticket."""
    others: tuple[OtherLayer, ...] = ()
    """Further layers of the layer set, likeliest first, with who would own the ticket then."""


_V = TypeVar("_V", bound=Value)


async def recall(notebook: Notebook, triage: TriageId, step: Step, kind: type[_V]) -> _V | None:
    """The stored answer of a step, or None."""
    stored = await notebook.recall(triage, step)
    return None if stored is None else kind.model_validate_json(stored)


async def recall_or_fail(notebook: Notebook, triage: TriageId, step: Step, kind: type[_V]) -> _V:
    """Raises `LookupError`: a step ran before the one it needs."""
    answer = await recall(notebook, triage, step, kind)
    if answer is None:
        raise LookupError(f"triage {triage} has no answer of step {step}")
    return answer
