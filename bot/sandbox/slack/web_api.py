"""The door `/api/<method>`: token, fault script, method, journal. HTTP 200 for every refusal, as Slack does."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.slack.cutting import Cut
from bot.sandbox.slack.faults import Breakage, Fault
from bot.sandbox.slack.journal import Call
from bot.sandbox.slack.methods.table import METHODS, Method
from bot.sandbox.slack.narrow import Json, decode_object
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.world import World

NOT_KEPT = frozenset({"token"})


@dataclass(frozen=True)
class WebApi:
    """An ASGI application for the path parameter `method`."""

    world: World
    closing: asyncio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        method = str(request.path_params["method"])
        arguments = await _arguments(request)
        await self._wait_as_scripted(method)
        fault = self.world.faults.next_fault(method)
        answer = await self._answer(method, request, arguments, fault)
        await answer(scope, receive, send)

    async def _answer(self, method: str, request: Request, arguments: Json, fault: Fault | None) -> ASGIApp:
        kept = {name: value for name, value in arguments.items() if name not in NOT_KEPT}
        if fault is not None and not fault.takes_effect:
            answered = fault.breakage is Breakage.ANSWER
            self._record(method, {"ok": False, "error": fault.error or fault.breakage}, kept, answered=answered)
        else:
            body = self._run(method, _token(request, arguments), arguments)
            self._record(method, body, kept, answered=fault is None)
            if fault is None:
                return JSONResponse(body, headers=self._headers(method, body))
        return await self._broken(fault, request)

    async def _wait_as_scripted(self, method: str) -> None:
        faults = self.world.faults
        if gate := faults.next_hold(method):
            faults.waiting += 1
            self.world.changes.announce()
            await gate.wait()
            faults.waiting -= 1
        await asyncio.sleep(faults.next_delay(method))

    async def _broken(self, fault: Fault, request: Request) -> ASGIApp:
        match fault.breakage:
            case Breakage.CUT:
                return Cut()
            case Breakage.HANG:
                await self._until_caller_gives_up(request)
                return Cut()
            case Breakage.ANSWER:
                headers = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s is not None else {}
                return JSONResponse({"ok": False, "error": fault.error}, status_code=fault.status, headers=headers)

    async def _until_caller_gives_up(self, request: Request) -> None:
        gone = asyncio.ensure_future(request.receive())
        closing = asyncio.ensure_future(self.closing.wait())
        await asyncio.wait({gone, closing}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        closing.cancel()

    def _run(self, name: str, token: str, arguments: Json) -> Json:
        try:
            method = _known(name)
            self._check_token(method, token)
            return method.run(self.world, arguments)
        except Refusal as refusal:
            return refusal.body()

    def _check_token(self, method: Method, token: str) -> None:
        if not token:
            raise Refusal("not_authed")
        team = self.world.workspace
        wanted, other = team.bot_token, team.app_token
        if method.takes_app_token:
            wanted, other = other, wanted
        if _same(token, other):
            raise Refusal("not_allowed_token_type")
        if not _same(token, wanted):
            raise Refusal("invalid_auth")
        if method.takes_app_token and not team.app_scopes.issuperset(method.scopes):
            raise Refusal("missing_scope", needed=",".join(method.scopes), provided=",".join(sorted(team.app_scopes)))

    def _headers(self, name: str, body: Json) -> dict[str, str]:
        """Slack tells the granted and the accepted scopes with every authenticated answer."""
        method = METHODS.get(name)
        if method is None or body.get("error") in {"not_authed", "invalid_auth"}:
            return {}
        team = self.world.workspace
        granted = team.app_scopes if method.takes_app_token else team.scopes
        return {"x-oauth-scopes": ",".join(sorted(granted)), "x-accepted-oauth-scopes": ",".join(method.scopes)}

    def _record(self, method: str, body: Json, arguments: Json, *, answered: bool) -> None:
        call = Call(
            method=method,
            ok=body.get("ok") is True,
            error=str(body.get("error", "")),
            at=self.world.clock(),
            args=arguments,
            answered=answered,
        )
        self.world.journal.calls.append(call)
        self.world.changes.announce()


def _known(name: str) -> Method:
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method", req_method=name)
    return method


def _token(request: Request, arguments: Json) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else str(arguments.get("token", ""))


def _same(token: str, secret: SecretStr) -> bool:
    return hmac.compare_digest(token.encode(), secret.get_secret_value().encode())


async def _arguments(request: Request) -> Json:
    """Query and body together; a JSON body keeps its types, a form gives strings."""
    arguments: Json = dict(request.query_params)
    raw = await request.body()
    if "json" in request.headers.get("content-type", ""):
        return arguments | decode_object(raw)
    return arguments | dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
