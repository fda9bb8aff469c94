"""A local tracker as one object: start it, act as people do, read what is there, judge what the bot did.

Owns the server, the order of a request (who, fault, handler, journal) and the people's side. A vendor's face derives
from it: routes, JSON, how a token is shown, how a delivery looks.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import ClassVar, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.board.asked import Asked, No, Token
from bot.sandbox.board.board import Board
from bot.sandbox.board.hooks import Delivery, Hook, Hooks
from bot.sandbox.board.judging import effect_of, made_twice
from bot.sandbox.board.model import Actor, Fired, Happening, Ticket
from bot.sandbox.github.answers import Answer
from bot.sandbox.github.faults import Break, Delay, Faults, Hang, Reply
from bot.sandbox.github.journal import Call, Effect, Journal
from bot.sandbox.github.mishaps import spoilt
from bot.sandbox.github.server import Loopback

Handler = Callable[[Asked], Answer]
Routes = Sequence[tuple[str, str, Handler]]


class LocalTracker:
    """`async with LocalGitLab() as gitlab: ...`; `url` is its base address."""

    retries_s: ClassVar[tuple[float, ...]] = ()

    def __init__(self, *, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self._port = port
        self.board = Board(clock, self._fired)
        self.faults = Faults()
        self.journal = Journal()
        self.hooks = Hooks(self.retries_s)
        self.release = asyncio.Event()
        self._tokens: dict[str, Token] = {}
        self._server: Loopback | None = None

    # What a vendor adds

    def routes(self) -> Routes:
        raise NotImplementedError

    def token_of(self, request: Request) -> str | None:
        """The secret that the request shows."""
        raise NotImplementedError

    def refused(self, status: int, why: str) -> No:
        """A no in the vendor's form."""
        raise NotImplementedError

    def locate(self, asked: Asked) -> None:
        """Says, by address alone, which ticket a request is about: also one that a fault keeps from its handler."""
        raise NotImplementedError

    def seen(self, request: Request, said: object) -> tuple[str, str]:  # noqa: ARG002  # a vendor may look into it
        """What faults and the journal know a request by: its method and its path."""
        return request.method, str(request.scope["path"])

    def delivery(self, fired: Fired, hook: Hook) -> Delivery | None:
        """What the hook is told; None for what it is not told."""
        raise NotImplementedError

    # Running

    async def __aenter__(self) -> Self:
        self._server = Loopback(self._port)
        self._port = self._server.port
        routes = [Route(path, self._endpoint(handler), methods=[method]) for method, path, handler in self.routes()]
        await self._server.start(Starlette(routes=routes))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hooks.close()
        self.release.set()
        if self._server is not None:
            await self._server.stop()

    @property
    def url(self) -> str:
        assert self._server is not None, "start it first"
        return self._server.url

    def grant(self, token: Token) -> str:
        """The secret for the vendor's header."""
        secret = secrets.token_hex(20)
        self.board.person(token.login)
        self._tokens[secret] = token
        return secret

    def revoke_all(self) -> None:
        self._tokens.clear()

    def add_hook(self, project: str, url: str, secret: str) -> Hook:
        return self.hooks.add(Hook(project, url, secret))

    async def settle(self) -> None:
        """Returns when no webhook is on its way."""
        await self.hooks.settle()

    # What people do

    async def file(self, project: str, author: str, title: str, body: str | None, labels: Iterable[str] = ()) -> int:
        """Returns the ticket's number."""
        return self.board.file(project, Actor(author), title, body or "", labels).number

    def edit_as(self, by: str, project: str, number: int, *, title: str) -> None:
        self.board.edit(self.ticket(project, number), Actor(by), title=title)

    def label_as(self, by: str, project: str, number: int, label: str) -> None:
        self.board.add_label(self.ticket(project, number), Actor(by), label)

    def assign_as(self, by: str, project: str, number: int, login: str) -> None:
        self.board.set_assignees(self.ticket(project, number), Actor(by), [login])

    def comment_as(self, by: str, project: str, number: int, body: str) -> None:
        self.board.comment(self.ticket(project, number), Actor(by), body)

    def close_as(self, by: str, project: str, number: int) -> None:
        self.board.close(self.ticket(project, number), Actor(by))

    def ticket(self, project: str, number: int) -> Ticket:
        found = self.board.projects[project].ticket(number)
        assert found is not None, "no such ticket"
        return found

    # What the bot did

    def deliveries(self) -> tuple[Delivery, ...]:
        return tuple(self.hooks.deliveries.values())

    def writes(self) -> tuple[Call, ...]:
        """Every API call that wanted to change something, refused ones included."""
        return tuple(self.journal.writes)

    def writes_on(self, project: str, number: int) -> tuple[Call, ...]:
        return self.journal.on(project, number)

    def effects(self, project: str, number: int) -> tuple[Effect, ...]:
        """What API calls really changed on one ticket."""
        return tuple(effect_of(self.ticket(project, number), line) for line in self._lines(project, number))

    def duplicate_writes(self) -> tuple[Effect, ...]:
        """The same change made twice by the API although nobody had taken it back. Must be empty."""
        everywhere = [one for place in self.board.projects.values() for one in place.tickets]
        return tuple(twice for one in everywhere for twice in made_twice(one))

    def _lines(self, project: str, number: int) -> list[Happening]:
        return [line for line in self.ticket(project, number).history if line.via_api]

    # Inside

    def _fired(self, fired: Fired) -> None:
        self.hooks.send(fired.ticket.project, lambda hook: self.delivery(fired, hook))

    def _endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            said = _parsed(await request.body())
            method, path = self.seen(request, said)
            mishap = self.faults.take(method, path)
            if isinstance(mishap, Delay):
                await asyncio.sleep(mishap.before_s)
            asked = Asked(self._who(request), _strings(request.path_params), dict(request.query_params), said)
            self.locate(asked)
            match mishap:
                case Reply(answer):
                    applied = False
                case Break(applied=False) | Hang(applied=False):
                    answer, applied = Answer(0), False
                case _:
                    answer = self._carry_out(handler, asked)
                    applied = 200 <= answer.status < 300  # noqa: PLR2004  # the meaning of 2xx
            status = None if isinstance(mishap, Break | Hang) else answer.status
            self.journal.note(
                Call(
                    at=self.board.clock(),
                    login=asked.token.login,
                    method=method,
                    path=path,
                    body=asked.json,
                    status=status,
                    applied=applied,
                    changed=asked.changed,
                    repo=asked.project,
                    number=asked.number,
                )
            )
            if isinstance(mishap, Delay):
                await asyncio.sleep(mishap.after_s)
            return spoilt(mishap, _response(answer), self.release)

        return endpoint

    def _carry_out(self, handler: Handler, asked: Asked) -> Answer:
        try:
            if not asked.token.login:
                raise self.refused(401, "Unauthorized")
            return handler(asked)
        except No as no:
            return no.answer

    def _who(self, request: Request) -> Token:
        return self._tokens.get(self.token_of(request) or "", Token("", frozenset()))


def _strings(parameters: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items()}


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(None, answer.status, answer.headers)
    raw = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(raw, answer.status, answer.headers, "application/json; charset=utf-8")
