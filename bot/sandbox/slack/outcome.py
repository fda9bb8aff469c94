"""What came of one delivery to the bot, as the person who caused it would notice."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.narrow import Json, as_object, as_text


@dataclass(frozen=True)
class Outcome:
    """`acked` means a 200 (or a socket acknowledgement) within the deadline; otherwise the person sees `error`."""

    acked: bool
    status: int | None = None
    body: Json = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""
    attempts: int = 1

    @property
    def text(self) -> str:
        """The immediate words of the answer, if it has any."""
        return as_text(self.body.get("text"))

    @property
    def response_action(self) -> str:
        return as_text(self.body.get("response_action"))

    @property
    def errors(self) -> dict[str, str]:
        """Form errors by block id."""
        return {block: as_text(problem) for block, problem in as_object(self.body.get("errors")).items()}
