"""The page's own small web application: routes, security headers, and who may post.

Owns the door. Bound to loopback by its caller; refuses foreign hosts and foreign origins, so that no web page that
is open in the same browser can press buttons here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.body import Encoded, HungUp, Room, TooLarge, TooSlow
from bot.demo.page import acts
from bot.demo.page.entered import Sent
from bot.demo.page.frame import Desk, page
from bot.demo.page.pulse import changes
from bot.demo.page.reader import Reader
from bot.demo.page.tickets import label_styles
from bot.sandbox.github.answers import Refused
from bot.sandbox.slack.refusal import PersonCannot

CAP = 256 * 1024
HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
SEE_OTHER = 303
Act = Callable[[Desk, Reader, Sent], Awaitable[int | None]]


class Guard:
    """Only this machine's own names as host, only this page as origin, and the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        refusal = _refusal(Request(scope)) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, with_headers)


def _refusal(request: Request) -> Response | None:
    host = request.headers.get("host", "")
    if host.rpartition(":")[0] not in {"127.0.0.1", "localhost"}:
        return PlainTextResponse("This page is for this machine only.", 421)
    origin = request.headers.get("origin")
    if request.method == "POST" and origin not in {None, f"http://{host}"}:
        return PlainTextResponse("Only the page itself may send forms.", 403)
    return None


def application(desk: Desk, closing: asyncio.Event) -> Starlette:
    """Serves one desk; `closing` ends the streams."""

    async def show(request: Request) -> Response:
        reader = desk.reader(request.query_params.get("as", ""), request.query_params.get("ticket", ""))
        return HTMLResponse(page(desk, reader))

    async def labels(_request: Request) -> Response:
        return Response(label_styles(desk.town.github, desk.town.repository), media_type="text/css")

    async def stream(_request: Request) -> Response:
        return StreamingResponse(changes(desk.town, closing), media_type="text/event-stream")

    return Starlette(
        routes=[
            Route("/", show),
            Route("/changes", stream),
            Route("/labels.css", labels),
            Route("/style.css", _file("style.css", "text/css")),
            Route("/script.js", _file("script.js", "text/javascript")),
            *(Route(path, _posted(desk, act), methods=["POST"]) for path, act in ACTS.items()),
        ],
        middleware=[Middleware(Guard)],
    )


ACTS: Mapping[str, Act] = {
    "/press": acts.press,
    "/say": acts.say,
    "/view": acts.in_view,
    "/file": acts.file,
    "/prepared": acts.file_prepared,
    "/tracker": acts.in_tracker,
}


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return Response((HERE / name).read_bytes(), media_type=media_type)

    return serve


def _posted(desk: Desk, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Does the act, then shows the page again; what could not be done stands on it."""

    room = Room()

    async def answer(request: Request) -> Response:
        try:
            async with room.body(request, CAP) as body:
                sent = Sent.parse(body)
        except (TooLarge, Encoded, HungUp, TooSlow, ValueError):
            return PlainTextResponse("This is no form of this page.", 400)
        reader = desk.reader(sent.one("as"), sent.one("ticket"))
        desk.memory.notices.pop(reader.user, None)
        try:
            number = await act(desk, reader, sent)
        except (acts.CannotDo, PersonCannot, Refused) as problem:
            desk.memory.notices[reader.user] = acts.words_of(problem)
            number = None
        return RedirectResponse(replace(reader, ticket=number or reader.ticket).place(), SEE_OTHER)

    return answer
