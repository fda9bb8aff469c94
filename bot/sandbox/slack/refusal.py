"""The two ways of saying no: Slack refuses a call, or a person cannot do that in Slack at all."""

from __future__ import annotations


class Refusal(Exception):
    """Slack answers `ok: false` with this error code; `extra` goes into the answer beside it."""

    def __init__(self, error: str, messages: tuple[str, ...] = (), **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.extra = dict(extra)
        if messages:
            self.extra["response_metadata"] = {"messages": list(messages)}

    def body(self) -> dict[str, object]:
        return {"ok": False, "error": self.error, **self.extra}


class PersonCannot(Exception):
    """The act is impossible in a real Slack client: no such button, a form left empty, a deactivated user."""
