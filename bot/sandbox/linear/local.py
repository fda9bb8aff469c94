"""The local Linear: one address for every question, its way with labels and assignees, its signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid

from graphql import ExecutionResult, GraphQLError, graphql_sync
from starlette.requests import Request

from bot.sandbox.board.asked import Asked, No
from bot.sandbox.board.hooks import Delivery, Hook
from bot.sandbox.board.local import LocalTracker, Routes
from bot.sandbox.board.model import Fired, Project, Ticket
from bot.sandbox.github.answers import Answer
from bot.sandbox.github.seed import KIND_LABELS, LAYER_LABELS, OTHER_LABELS, REPORTERS, TEAM
from bot.sandbox.linear.root import Root
from bot.sandbox.linear.schema import schema
from bot.sandbox.linear.shapes import Shapes, comment_id, id_of, identifier

TEAM_KEY = "ENG"


class LocalLinear(LocalTracker):
    drops_labels = False
    """Accepted and left out, without a word."""
    left: dict[str, str] = {}  # noqa: RUF012  # replaced as a whole, never changed
    """Headers about what is left of a limit, to be put on every answer."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace_labels: list[str] = []

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.board, self.url)

    def routes(self) -> Routes:
        return (("POST", "/graphql", self._answer),)

    def token_of(self, request: Request) -> str | None:
        """A key as it is, or a bearer."""
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def refused(self, status: int, why: str) -> No:
        about = {"type": "authentication error", "code": "AUTHENTICATION_ERROR", "userPresentableMessage": why}
        return No(status, {"errors": [{"message": "Authentication required", "extensions": about}]})

    def seen(self, request: Request, said: object) -> tuple[str, str]:
        """A question reads as a GET would and a mutation writes, whatever carries them."""
        asked = said if isinstance(said, dict) else {}
        reads = not str(asked.get("query", "")).lstrip().startswith("mutation")
        return "GET" if reads else request.method, f"/graphql/{asked.get('operationName', '')}"

    def locate(self, asked: Asked) -> None:
        named = _variables(asked)
        told = named.get("input")
        about = told.get("issueId") if isinstance(told, dict) else None
        found = self.find(str(named.get("id") or about))
        if found is not None:
            asked.project, asked.number = found.project, found.number

    def find(self, name: str) -> Ticket | None:
        """By id, by identifier, or by the id of one of its comments."""
        for one in (one for place in self.board.projects.values() for one in place.tickets if not one.gone):
            comments = {comment_id(it) for it in one.comments}
            if name in {identifier(one), id_of("issue", identifier(one)), *comments}:
                return one
        return None

    def labels_of(self, team: Project) -> list[str]:
        return [*team.labels, *self.workspace_labels]

    def delivery(self, fired: Fired, hook: Hook) -> Delivery | None:
        told, name, at = self.shapes.event(fired), str(uuid.uuid4()), int(self.board.clock() * 1000)
        if told is None:
            return None
        sending = {"organizationId": id_of("workspace", ""), "webhookId": id_of("hook", hook.url)}
        whole = {**told, **sending, "createdAt": fired.ticket.updated_at, "webhookTimestamp": at}
        raw = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        kind = str(told["type"])
        return Delivery(name, hook, kind, headers(kind, name, raw, hook.secret, at), raw)

    def _answer(self, asked: Asked) -> Answer:
        said = asked.json if isinstance(asked.json, dict) else {}
        result: ExecutionResult = graphql_sync(
            schema(),
            str(said.get("query", "")),
            root_value=Root(self, asked).fields(),
            variable_values=_variables(asked),
            operation_name=said.get("operationName"),
        )
        # A question that cannot be carried out at all is a 400; what went wrong within it stands in a 200.
        return Answer(400 if result.data is None and _is_unfit(result) else 200, dict(result.formatted), self.left)


def _is_unfit(result: ExecutionResult) -> bool:
    return any(isinstance(one, GraphQLError) and one.path is None for one in result.errors or ())


def _variables(asked: Asked) -> dict[str, object]:
    found = asked.field("variables")
    return found if isinstance(found, dict) else {}


def headers(event: str, name: str, raw: bytes, secret: str, at: int) -> dict[str, str]:
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Linear-Webhook",
        "linear-delivery": name,
        "linear-event": event,
        "linear-timestamp": str(at),
        "linear-signature": hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest(),
    }


def demo_team(linear: LocalLinear, *, private: bool = True) -> str:
    """A small believable team; returns its key. Its members can be assigned, reporters cannot."""
    team = linear.board.add_project(TEAM_KEY, TEAM, private=private)
    team.labels += [*LAYER_LABELS, *KIND_LABELS]
    linear.workspace_labels += [*OTHER_LABELS]
    for one in REPORTERS:
        linear.board.person(one)
    return TEAM_KEY
