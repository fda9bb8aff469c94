"""One finding about a payload, and the small checks every other rule is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.slack.narrow import Json


@dataclass(frozen=True)
class Problem:
    pointer: str
    code: str
    message: str

    def line(self) -> str:
        """How Slack writes it into `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"

    def wire(self) -> Json:
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


Problems = Iterator[Problem]


def length(value: object, pointer: str, most: int, *, least: int = 0) -> Problems:
    """An optional string within its bounds."""
    if value is None:
        return
    if not isinstance(value, str):
        yield Problem(pointer, "invalid_type", "must be a string")
    elif len(value) > most:
        yield Problem(pointer, "failed_constraint", f"must be less than {most + 1} characters")
    elif len(value) < least:
        yield Problem(pointer, "failed_constraint", f"must be more than {least - 1} characters")


def count(value: object, pointer: str, most: int, *, least: int = 1) -> Problems:
    """A list with the right number of items."""
    if not isinstance(value, list):
        yield Problem(pointer, "invalid_type", "must be an array")
    elif len(value) > most:
        yield Problem(pointer, "failed_constraint", f"no more than {most} items allowed")
    elif len(value) < least:
        yield Problem(pointer, "failed_constraint", f"no fewer than {least} items allowed")


def required(body: Json, pointer: str, *names: str) -> Problems:
    for name in names:
        if body.get(name) is None:
            yield Problem(pointer, "missing_field", f"missing required field: {name}")


def only(body: Json, pointer: str, allowed: frozenset[str]) -> Problems:
    for name in body:
        if name not in allowed:
            yield Problem(f"{pointer}/{name}", "unknown_field", f"invalid additional property: {name}")


def one_of(value: object, pointer: str, allowed: frozenset[str]) -> Problems:
    if value is not None and value not in allowed:
        yield Problem(pointer, "failed_constraint", f"must be one of: {', '.join(sorted(allowed))}")
