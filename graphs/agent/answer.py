"""What the model has to say in the end, as one type: its JSON schema is asked for, its validator reads the answer.

Owns the shape of the answer and how it is found in a reply. Must not believe it: layers, quotes and names are checked
in `graphs.agent.evidence`. Text of a model is bounded here, because no service keeps to a length.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, TypeAdapter, ValidationError

from graphs.model import Kind, Risk, Role, Value

TEXT_CHARS = 400
MOST_CLAIMS, MOST_NAMES = 6, 5
_MOST_READ = 60_000


def _one_line(text: str) -> str:
    return " ".join(text[: 4 * TEXT_CHARS].split())[:TEXT_CHARS]


Line = Annotated[str, AfterValidator(_one_line)]


class BadAnswer(ValueError):
    """The reply is no answer; the text says what is wrong with it and quotes nothing."""


class Sure(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


class Claim(Value):
    source: Literal["quote", "past_ticket", "owner", "note"]
    ref: Line = Field(description="Name of the past ticket, owner or note as a tool gave it; empty for a quote.")
    text: str = Field(description="For a quote: words of the ticket, letter for letter. Else what it shows, briefly.")


class Capability(Value):
    """For a feature: what the model must be able to do, and what a person will notice."""

    capability: Line
    experience: Line


class Verdict(Value):
    """The model's whole answer. Reasons come first, so that the choice follows from them."""

    evidence: Annotated[tuple[Claim, ...], Field(description="What speaks for the layer.")]
    against: Annotated[tuple[Claim, ...], Field(description="What speaks against it.")]
    layer: Line = Field(description="Id of the layer.")
    sure: Sure
    secondary: Annotated[tuple[Line, ...], Field(description="Ids of other layers that must change too, at most two.")]
    kind: Kind
    role: Role
    risks: tuple[Risk, ...]
    would_change: Line = Field(description="The one fact that would change your mind.")
    missing: Annotated[tuple[Line, ...], Field(description="What to ask the reporter for; empty if nothing.")]
    duplicates: Annotated[tuple[Line, ...], Field(description="Past tickets that report the same thing.")]
    capability: Capability | None = Field(description="Only for a feature, else null.")


@cache
def shape() -> dict[str, JsonValue]:
    """The JSON schema that a service is asked to hold the model to."""
    return TypeAdapter(dict[str, JsonValue]).validate_python(Verdict.model_json_schema())


def read(text: str, layers: Collection[str]) -> Verdict:
    """The answer in a reply: plain JSON, or the first object in a text around it. Raises `BadAnswer`."""
    found = _object(text[:_MOST_READ])
    try:
        answer = Verdict.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise BadAnswer("; ".join(f"{_place(one['loc'])}: {one['type']}" for one in error.errors()[:5])) from None
    if answer.layer not in layers:
        raise BadAnswer("layer: not one of the listed")
    return answer.model_copy(
        update={
            "evidence": answer.evidence[:MOST_CLAIMS],
            "against": answer.against[:MOST_CLAIMS],
            "missing": answer.missing[:MOST_NAMES],
            "duplicates": answer.duplicates[:MOST_NAMES],
        }
    )


def _object(text: str) -> object:
    start = text.find("{")
    if start < 0:
        raise BadAnswer("there is no JSON object in it")
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        raise BadAnswer("its JSON is broken or ends early") from None
    return found


def _place(steps: tuple[int | str, ...]) -> str:
    """Only fields of ours: a key that the model made up is not repeated."""
    known = [str(one) for one in steps if isinstance(one, int) or one in _FIELDS]
    return ".".join(known) or "the whole"


_FIELDS = {*Verdict.model_fields, *Claim.model_fields, *Capability.model_fields}
