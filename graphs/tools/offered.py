"""What a model is offered of a tool: a name, a purpose, typed questions, and a bounded answer in words.

Owns the way from a model's raw arguments to the tool and back: validate, ask the gate (`Toolbox`), run, tell. One
`Offer` is all there is to register: its question type gives the schema that the model sees and the validator of what
it sends; its tool names the Cedar action. Must not trust anything that comes in, nor repeat it in an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from graphs.acts import Action
from graphs.model import CleanTicket, LayerId, Millis
from graphs.tools.toolbox import Arguments, Scene, Tool, Toolbox

ANSWER_CHARS = 4_000
"""Longest answer of a tool that a model sees."""


class ToolInput(BaseModel):
    """Base of what a model fills in: exactly these fields, exactly these types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class BadQuestion(ValueError):
    """The arguments cannot be used; the text says why and is safe to send back."""


@dataclass(frozen=True, slots=True)
class Case:
    """The ticket that is being triaged, for tools that look things up for it."""

    ticket: CleanTicket
    layers: tuple[LayerId, ...]
    now: Millis


@dataclass(frozen=True, slots=True)
class Told:
    """A tool's answer in words."""

    text: str
    """Raw: whoever shows it to a model cleans and fences it."""
    cites: Mapping[str, str] = field(default_factory=dict)
    """Past tickets, owners and notes that it names, and how a person reads each: what may be cited from now on."""


class Offer(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def action(self) -> Action: ...

    @property
    def purpose(self) -> str: ...

    def shape(self) -> dict[str, JsonValue]:
        """JSON schema of the arguments."""
        ...

    async def answer(self, raw: JsonValue, toolbox: Toolbox, scene: Scene, case: Case) -> Told:
        """Raises `BadQuestion`, `graphs.errors.Denied`, and what the tool raises."""
        ...


Q = TypeVar("Q", bound=ToolInput)
A = TypeVar("A", bound=Arguments)
R = TypeVar("R")


@dataclass(frozen=True)
class Offered(Generic[Q, A, R]):
    """Implements `Offer` for one tool."""

    tool: Tool[A, R]
    question: type[Q]
    purpose: str
    arguments: Callable[[Q, Case], A]
    """May raise `BadQuestion`."""
    told: Callable[[R, Case], Told]

    @property
    def name(self) -> str:
        return self.tool.action.value

    @property
    def action(self) -> Action:
        return self.tool.action

    def shape(self) -> dict[str, JsonValue]:
        schema = TypeAdapter(dict[str, JsonValue]).validate_python(self.question.model_json_schema())
        return {key: value for key, value in schema.items() if key not in ("title", "description")}

    async def answer(self, raw: JsonValue, toolbox: Toolbox, scene: Scene, case: Case) -> Told:
        try:
            asked = self.question.model_validate(raw)
        except (ValidationError, RecursionError) as error:
            raise BadQuestion(_wrong(error)) from None
        found = await toolbox.use(self.tool, self.arguments(asked, case), scene)
        told = self.told(found, case)
        return Told(told.text[:ANSWER_CHARS], told.cites)


def _wrong(error: ValidationError | RecursionError) -> str:
    """Kinds of mistakes and how many, never what was sent."""
    if isinstance(error, RecursionError):
        return "the arguments are nested too deeply"
    kinds = sorted({one["type"] for one in error.errors(include_input=False, include_url=False)})
    return f"the arguments do not fit the schema ({', '.join(kinds[:5])})"
