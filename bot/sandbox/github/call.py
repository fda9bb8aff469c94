"""One API request as the handlers in `api` see it, already authenticated and parsed.

Owns access to parameters and body. Must not answer by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.sandbox.github import access
from bot.sandbox.github.access import Token, Tokens
from bot.sandbox.github.answers import Answer, malformed, moved, needs_authentication, not_found, was_deleted
from bot.sandbox.github.apps import Apps
from bot.sandbox.github.limits import Limits
from bot.sandbox.github.model import Issue, Repository
from bot.sandbox.github.shapes import Shapes
from bot.sandbox.github.webhooks import Webhooks
from bot.sandbox.github.world import Actor, World


class Body(BaseModel):
    """Base of request bodies: unknown keys are ignored, as github.com does."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with."""

    world: World
    shapes: Shapes
    tokens: Tokens
    apps: Apps
    limits: Limits
    webhooks: Webhooks


@dataclass(slots=True)
class Call:
    parts: Parts
    token: Token
    method: str
    url: str
    """Without the query."""
    path: dict[str, str]
    query: dict[str, str]
    json: object
    authorization: str | None = field(repr=False, default=None)
    changed: bool = False
    """A handler sets it when something is different afterwards."""

    @property
    def world(self) -> World:
        return self.parts.world

    @property
    def shapes(self) -> Shapes:
        return self.parts.shapes

    @property
    def actor(self) -> Actor:
        return Actor(self.world.account(self.token.login).login, via_api=True)

    def repo(self) -> Repository:
        """The repository in the path, if the token may know that it exists."""
        repo = self.world.repository(f"{self.path['owner']}/{self.path['repo']}")
        access.may_see(self.token, repo)
        return repo

    def issue(self) -> Issue:
        """The issue in the path; 301 when it moved to where the token may look, 410 when it was deleted."""
        repo = self.repo()
        issue = self.world.any_issue(repo.full_name, self.number("number"))
        if issue.deleted:
            raise was_deleted()
        if issue.moved_to is not None:
            home = self.world.repository(issue.moved_to[0])
            access.may_see(self.token, home)
            raise moved(f"{self.shapes.base}/repositories/{home.id}/issues/{issue.moved_to[1]}")
        return issue

    def number(self, name: str) -> int:
        text = self.path[name]
        if not (text.isascii() and text.isdigit()):
            raise not_found()
        return int(text)

    def since(self) -> float:
        """`since` in seconds, 0 where it was not given."""
        text = self.query.get("since")
        try:
            return 0.0 if text is None else datetime.fromisoformat(text).timestamp()
        except ValueError:
            raise malformed("For 'since', not an ISO 8601 time stamp.") from None

    def body(self, shape: type[B]) -> B:
        try:
            return shape.model_validate({} if self.json is None else self.json)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = "/".join(str(part) for part in first["loc"])
            raise malformed(f"For 'properties/{where}', {first['msg']}.") from None

    def change(self, *, changed: bool) -> None:
        self.changed = changed


def created(body: object, location: str | None = None) -> Answer:
    return Answer(201, body, {} if location is None else {"location": location})


def signed_in(call: Call) -> Token:
    if call.token is access.NOBODY:
        raise needs_authentication()
    return call.token
