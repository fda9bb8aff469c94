"""A conversation with a model, in the words of no vendor: turns, calls of tools, replies, what they used.

Owns the port `Talker`. A reply is untrusted: every text and every argument in it may have been written by whoever
wrote the ticket.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Protocol

from pydantic import Field, JsonValue

from graphs.errors import EngineUnavailable
from graphs.model import Value

Effort = Literal["low", "medium", "high"]


class Stop(StrEnum):
    """Why a reply ended."""

    END_TURN = "end_turn"
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    MAX_TOKENS = "max_tokens"
    REFUSAL = "refusal"
    PAUSE_TURN = "pause_turn"
    CONTEXT_EXCEEDED = "model_context_window_exceeded"
    OTHER = "other"
    """A reason that this program has never heard of."""


class Text(Value):
    type: Literal["text"] = "text"
    text: str


class Call(Value):
    """The model asks for a tool."""

    type: Literal["call"] = "call"
    id: str
    name: str
    input: JsonValue


class Result(Value):
    """What a tool answered, or why it did not."""

    type: Literal["result"] = "result"
    call: str
    text: str
    is_error: bool = False


class Opaque(Value):
    """A block that is none of our business and has to be given back as it came, such as a model's thinking."""

    type: Literal["opaque"] = "opaque"
    content: str
    """JSON."""


Block = Annotated[Text | Call | Result | Opaque, Field(discriminator="type")]


class Turn(Value):
    role: Literal["user", "assistant"]
    blocks: tuple[Block, ...]


class ToolSpec(Value):
    name: str
    purpose: str
    shape: dict[str, JsonValue]
    """JSON schema of its arguments."""


class Keep(StrEnum):
    """How long the stable start of a request is kept by the service."""

    NOT = "none"
    MINUTES = "5m"
    HOUR = "1h"


class Request(Value):
    """One question to a model, with everything said before."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
    may_call: bool = True
    """False: it has to answer now."""
    shape: dict[str, JsonValue] | None = None
    """JSON schema of the answer; None where the service is not asked to hold the model to it."""
    max_tokens: int
    """Thinking counts into it."""
    effort: Effort | None = None
    keep: Keep = Keep.NOT
    deadline_s: float


class Usage(Value):
    """Tokens, as the service counted them."""

    fresh: int = 0
    """Read at the full price."""
    cached: int = 0
    """Read from the cache."""
    kept_minutes: int = 0
    """Written to the cache for five minutes."""
    kept_hour: int = 0
    written: int = 0
    """Answered, thinking included."""
    lost: int = 0
    """Read by attempts that broke off: nobody counted them, so this is an estimate, at the full price."""

    @property
    def tokens(self) -> int:
        return self.fresh + self.cached + self.kept_minutes + self.kept_hour + self.written + self.lost

    def plus(self, other: Usage) -> Usage:
        return Usage(
            fresh=self.fresh + other.fresh,
            cached=self.cached + other.cached,
            kept_minutes=self.kept_minutes + other.kept_minutes,
            kept_hour=self.kept_hour + other.kept_hour,
            written=self.written + other.written,
            lost=self.lost + other.lost,
        )


class Reply(Value):
    blocks: tuple[Block, ...]
    stop: Stop
    usage: Usage
    model: str
    """As the service names it."""
    broke_off: int = 0
    """Attempts before this one that the service may have read and charged for."""

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.blocks if isinstance(one, Text))

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(one for one in self.blocks if isinstance(one, Call))


class ModelAway(EngineUnavailable):
    """The service is busy, slow or out of reach. `retry_after_s`: how long it asked to be left alone."""

    def __init__(self, message: str, retry_after_s: float = 0.0, broke_off: int = 0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.broke_off = broke_off
        """Attempts that the service may have read and charged for, although no whole answer came of them."""


class ModelRejected(EngineUnavailable):
    """The service understood the request and will not take it: a wrong key, an unknown model, a malformed request."""


class Talker(Protocol):
    """Says one thing to a model. Owns waiting and retrying; never runs a tool."""

    async def say(self, request: Request) -> Reply:
        """Raises `ModelAway` when no whole reply came within `request.deadline_s`, `ModelRejected`."""
        ...
