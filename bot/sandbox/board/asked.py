"""One request to a local tracker, as a handler sees it, and a handler's ways to say no."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.board.model import Actor
from bot.sandbox.github.answers import Answer


class No(Exception):
    """A request that the vendor would refuse; carries the whole answer."""

    def __init__(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(status))
        self.answer = Answer(status, body, headers or {})


@dataclass(frozen=True, slots=True)
class Token:
    """Whose requests these are, where, and whether they may change anything."""

    login: str
    projects: frozenset[str]
    writes: bool = False


@dataclass(slots=True)
class Asked:
    """One request as a handler sees it. A handler sets `changed` for the journal."""

    token: Token
    path: dict[str, str]
    query: dict[str, str]
    json: object
    changed: bool = False
    project: str | None = None
    number: int | None = None

    @property
    def actor(self) -> Actor:
        return Actor(self.token.login, via_api=True)

    def field(self, name: str) -> object:
        return self.json.get(name) if isinstance(self.json, dict) else None
