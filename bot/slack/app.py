"""Puts the Bolt app together: which behaviour answers to which press, form or command. The same for both doors.

HTTP and Socket Mode differ in how a request comes in and in nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.body import SLACK_CAP, Encoded, HungUp, Room, TooLarge, TooSlow
from bot.slack.front import Front
from bot.slack.ids import COMMAND, INSTEAD, Action, Callback
from bot.slack.listeners.approve import Approve
from bot.slack.listeners.open_form import OpenForm, draw_edit, draw_reject, draw_why
from bot.slack.listeners.open_home import OpenHome
from bot.slack.listeners.open_more import OpenMore
from bot.slack.listeners.spoken_to import SpokenTo, stored
from bot.slack.listeners.submit_form import SubmitForm
from bot.slack.listeners.triage_command import TriageCommand
from bot.slack.replies import Me
from bot.slack.shapes import PayloadError

log = structlog.get_logger(__name__)

PATH = "/slack/events"


def build(front: Front, client: AsyncWebClient, me: Me, signing_secret: str) -> AsyncApp:
    """The app with every behaviour. To add one: a file in `listeners`, a line here."""
    with _without_advice():
        app = AsyncApp(
            name="strata",  # without one Bolt reads its callers' source files to make one up: a tenth of a start
            client=client,
            authorize=_authorize(client, me),
            # Socket Mode has no signatures; Bolt still wants a string.
            signing_secret=signing_secret or "unused-in-socket-mode",
            raise_error_for_unhandled_request=False,
            process_before_response=False,
        )
    app.action(Action.APPROVE.value)(Approve(front))
    for instead in INSTEAD:
        app.action(instead.value)(Approve(front))
    app.action(Action.UNDO.value)(Approve(front))
    app.action(Action.EDIT.value)(OpenForm(front, draw_edit, deciding=True))
    app.action(Action.REJECT.value)(OpenForm(front, draw_reject, deciding=True))
    app.action(Action.WHY.value)(OpenForm(front, draw_why, deciding=False))
    app.action(Action.MORE.value)(OpenMore(front))
    for form in Callback:
        app.view(form.value)(SubmitForm(front))
    app.command(COMMAND)(TriageCommand(front))
    app.event("app_mention", middleware=[SpokenTo(front)])(stored)
    app.event("app_home_opened", middleware=[OpenHome(front)])(stored)
    app.event("message", middleware=[SpokenTo(front)])(stored)
    app.error(_failed)
    return app


@contextmanager
def _without_advice() -> Iterator[None]:
    """Bolt warns that a token of the environment goes unused; the settings have handed us the one to use."""
    logger = logging.getLogger("slack_bolt.AsyncApp")

    def is_no_advice(_record: logging.LogRecord) -> bool:
        return False

    logger.addFilter(is_no_advice)
    try:
        yield
    finally:
        logger.removeFilter(is_no_advice)


def _authorize(client: AsyncWebClient, me: Me) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Who we are is known from the start; left to itself, Bolt asks Slack before it answers the first press."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=client.token,
            bot_id=me.bot,
            bot_user_id=me.user,
        )

    return authorize


async def _failed(error: Exception, body: dict[str, object]) -> BoltResponse:
    """A payload we cannot read is the sender's; anything else is ours. Nobody is shown an exception's text."""
    if isinstance(error, PayloadError):
        log.warning("unreadable payload from Slack", why=str(error))
        return BoltResponse(status=200, body="")
    log.error("a Slack listener failed", error=repr(error)[:300], kind=body.get("type", "command"))
    return BoltResponse(status=500, body="")


def route(app: AsyncApp, signing_secret: str) -> Route:
    """Slack's HTTP door. Size and signature are judged on the raw bytes, before anything is decoded."""
    handler = AsyncSlackRequestHandler(app)
    verifier = SignatureVerifier(signing_secret)
    room = Room()

    async def receive(request: Request) -> Response:
        try:
            async with room.body(request, SLACK_CAP) as body:
                return await answer(request, body)
        except (TooLarge, Encoded) as error:
            return JSONResponse({"error": str(error)}, status_code=413)
        except (HungUp, TooSlow) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    async def answer(request: Request, body: bytes) -> Response:
        if not _authentic(verifier, body, request):
            return JSONResponse({"error": "the signature is missing, wrong or too old"}, status_code=401)
        try:
            return await handler.handle(_again(request, body))
        except Exception as error:  # noqa: BLE001  # Bolt looks into payloads before we do, and stumbles over odd ones
            log.warning("unreadable request from Slack", error=type(error).__name__)
            return JSONResponse({"error": "this request cannot be read"}, status_code=400)

    return Route(PATH, receive, methods=["POST"])


def _authentic(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    """A verifier that stumbles over odd headers or bytes has not verified anything."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    try:
        body.decode()  # Bolt reads text; bytes that are none were not signed by Slack
        return verifier.is_valid(body, timestamp, signature)
    except Exception:  # noqa: BLE001  # any stumble is a no
        return False


def _again(request: Request, body: bytes) -> Request:
    """The request with its body already read."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)
