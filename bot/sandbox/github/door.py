"""One API request from bytes to bytes: credentials, limits, the handler, the journal, and any scripted fault.

Owns the order of these. Must not know what a route does (`api`) nor when a fault strikes (`faults`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.github import journal, page
from bot.sandbox.github.access import NOBODY, Token
from bot.sandbox.github.answers import Answer, Refused, not_found
from bot.sandbox.github.api import app_tokens, repositories
from bot.sandbox.github.call import Call, Parts
from bot.sandbox.github.faults import Break, Delay, Faults, Hang, Reply
from bot.sandbox.github.mishaps import spoilt
from bot.sandbox.github.routes import ROUTES, Handler

SIGNED_BY_APP = {app_tokens.app, app_tokens.installation_of_repository, app_tokens.mint}
"""These take the app's JWT instead of a token."""
_WITH_REPOSITORY_ID = 3
EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a request came to inside; a fault may still keep the client from hearing of it."""

    answer: Answer
    token: Token
    body: object = None
    changed: bool = False


class Door:
    def __init__(self, parts: Parts, faults: Faults, log: journal.Journal) -> None:
        self._parts = parts
        self._faults = faults
        self._log = log
        self.release = asyncio.Event()
        """Lets go of every hanging request."""

    def app(self) -> ASGIApp:
        routes = [Route(path, self._endpoint(handler), methods=[method]) for method, path, handler in ROUTES]
        routes.append(Route("/{owner}/{repo}/issues/{number}", self._page))
        routes.append(Route("/{anything:path}", self._endpoint(_nowhere), methods=EVERY_METHOD))
        inner = Starlette(routes=routes)

        async def by_name(scope: Scope, receive: Receive, send: Send) -> None:
            await inner(self._by_name(scope), receive, send)

        return by_name

    def _by_name(self, scope: Scope) -> Scope:
        """`/repositories/{id}/...`, where redirects point, means `/repos/{owner}/{name}/...`."""
        parts = str(scope.get("path", "")).split("/", 3)
        if len(parts) < _WITH_REPOSITORY_ID or parts[1] != "repositories" or not _is_number(parts[2]):
            return scope
        repo = self._parts.world.repository_by_id(int(parts[2]))
        if repo is None:
            return scope
        return {**scope, "path": "/".join(["/repos", repo.full_name, *parts[3:]])}

    def _endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            mishap = self._faults.take(request.method, _path(request))
            if isinstance(mishap, Delay):
                await asyncio.sleep(mishap.before_s)
            match mishap:
                case Reply(answer):
                    outcome, applied = _Outcome(answer, self._token(request)), False
                case Break(applied=False) | Hang(applied=False):
                    outcome, applied = _Outcome(Answer(0), self._token(request)), False
                case _:
                    outcome = self._carry_out(request, raw, handler)
                    applied = 200 <= outcome.answer.status < 300  # noqa: PLR2004  # the meaning of 2xx
            status = None if isinstance(mishap, Break | Hang) else outcome.answer.status
            self._note(request, outcome, raw, status, applied=applied)
            if isinstance(mishap, Delay):
                await asyncio.sleep(mishap.after_s)
            return spoilt(mishap, _response(request, outcome.answer), self.release)

        return endpoint

    def _token(self, request: Request) -> Token:
        """Whose request it is, for the journal of requests that were never looked at."""
        try:
            return self._parts.tokens.of(request.headers.get("authorization"), self._parts.world.clock())
        except Refused:
            return NOBODY

    def _carry_out(self, request: Request, raw: bytes, handler: Handler) -> _Outcome:
        """Runs in one go, without a pause in which another request could come between."""
        token, headers, call = NOBODY, dict[str, str](), None
        try:
            authorization = request.headers.get("authorization")
            if handler not in SIGNED_BY_APP:
                token = self._parts.tokens.of(authorization, self._parts.world.clock())
            headers = self._spend(request, token, handler)
            call = self._call(request, token, raw)
            answer = handler(call)
        except Refused as refusal:
            answer = refusal.answer
        answer = Answer(answer.status, answer.body, headers | answer.headers)
        return _Outcome(answer, token, None if call is None else call.json, call is not None and call.changed)

    def _spend(self, request: Request, token: Token, handler: Handler) -> dict[str, str]:
        if not request.headers.get("user-agent"):
            raise Refused(403, "Request forbidden by administrative rules. Please send a User-Agent header.")
        if handler is repositories.rate_limit:
            return self._parts.limits.headers(token.login)
        return self._parts.limits.spend(token.login, is_write=request.method not in {"GET", "HEAD"})

    def _call(self, request: Request, token: Token, raw: bytes) -> Call:
        url = f"{self._parts.shapes.base}{quote(_path(request))}"
        path = {name: str(value) for name, value in request.path_params.items()}
        authorization = request.headers.get("authorization")
        query = dict(request.query_params)
        return Call(self._parts, token, request.method, url, path, query, _parsed(raw), authorization)

    def _note(self, request: Request, outcome: _Outcome, raw: bytes, status: int | None, *, applied: bool) -> None:
        path = request.path_params
        owner, repo, number = path.get("owner"), path.get("repo"), path.get("number")
        self._log.note(
            journal.Call(
                at=self._parts.world.clock(),
                login=outcome.token.login,
                method=request.method,
                path=_path(request),
                body=outcome.body if outcome.body is not None else raw.decode(errors="replace") or None,
                status=status,
                applied=applied,
                changed=outcome.changed,
                repo=f"{owner}/{repo}" if repo else None,
                number=int(number) if number and _is_number(number) else None,
            )
        )

    async def _page(self, request: Request) -> Response:
        return page.issue_page(self._parts.world, **request.path_params)


def _nowhere(call: Call) -> Answer:  # noqa: ARG001  # a handler like any other
    raise not_found()


def _path(request: Request) -> str:
    """Decoded; not `request.url.path`, which ends at a `#` inside a label's name."""
    return str(request.scope["path"])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _parsed(raw: bytes) -> object:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None


def _response(request: Request, answer: Answer) -> Response:
    raw = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "x-github-media-type": "github.v3; format=json",
        "x-github-api-version-selected": "2022-11-28",
        "x-github-request-id": uuid.uuid4().hex[:24].upper(),
    } | answer.headers
    if request.method == "GET" and answer.status == 200:  # noqa: PLR2004  # the only status that is cached
        headers["etag"] = f'W/"{hashlib.sha256(raw).hexdigest()}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(None, 304, headers)
    return Response(raw, answer.status, headers, "application/json; charset=utf-8" if raw else None)
