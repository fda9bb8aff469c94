"""A small real Bolt app: a command posts a card, a button opens a form, the form updates the card.

It is the same over HTTP and Socket Mode, which is what is being tested: Bolt must not notice that Slack is local.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.serving import Serving, listen


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(action_id), "value": value}


def card() -> list[Json]:
    menu = [{"text": plain("Snooze"), "value": "snooze"}, {"text": plain("Not ours"), "value": "not-ours"}]
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*A ticket*"}},
        {
            "type": "actions",
            "block_id": "decide",
            "elements": [
                button("approve", "p-1"),
                button("edit", "p-1"),
                {"type": "overflow", "action_id": "more", "options": menu},
            ],
        },
    ]


def form(origin: Json) -> Json:
    layers = [{"text": plain(name), "value": name} for name in ("retrieval", "model")]
    select = {"type": "static_select", "action_id": "choice", "options": layers, "initial_option": layers[0]}
    note = {"type": "plain_text_input", "action_id": "words", "max_length": 40}
    return {
        "type": "modal",
        "callback_id": "edit_form",
        "title": plain("Edit"),
        "submit": plain("Save"),
        "private_metadata": json.dumps(origin),
        "notify_on_close": True,
        "blocks": [
            {"type": "input", "block_id": "layer", "label": plain("Layer"), "element": select},
            {"type": "input", "block_id": "note", "label": plain("Note"), "element": note, "optional": True},
        ],
    }


@dataclass
class TinyBot:
    """The app and everything its listeners were given."""

    slack: LocalSlack
    seen: list[tuple[str, Json]] = field(default_factory=list)
    headers: list[dict[str, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        team = self.slack.workspace
        self.client = AsyncWebClient(token=team.bot_token.get_secret_value(), base_url=self.slack.base_url)
        self.app = AsyncApp(
            client=self.client,
            signing_secret=team.signing_secret.get_secret_value(),
            raise_error_for_unhandled_request=False,
        )
        self.app.command("/triage")(self.on_command)
        self.app.action("approve")(self.on_approve)
        self.app.action("edit")(self.on_edit)
        self.app.action("more")(self.on_more)
        self.app.view("edit_form")(self.on_submit)
        self.app.view_closed("edit_form")(self.on_closed)
        self.app.event("app_mention")(self.on_mention)

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.seen]

    def last(self, kind: str) -> Json:
        return next(body for seen, body in reversed(self.seen) if seen == kind)

    async def on_command(self, ack: AsyncAck, body: Json) -> None:
        self.seen.append(("command", body))
        await ack(f"working on {body['text']}")
        await self.client.chat_postMessage(
            channel=str(body["channel_id"]),
            text="A ticket",
            blocks=card(),
            metadata={"event_type": "card", "event_payload": {"proposal": "p-1"}},
        )

    async def on_approve(self, ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        self.seen.append(("approve", body))
        await ack()
        await respond(text="Approved", replace_original=True)

    async def on_edit(self, ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        self.seen.append(("edit", body))
        await client.views_open(trigger_id=str(body["trigger_id"]), view=form(_origin(body)))
        await ack()

    async def on_more(self, ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        self.seen.append(("more", body))
        await ack()
        await respond(text="Noted")

    async def on_submit(self, ack: AsyncAck, body: Json, view: Json, client: AsyncWebClient) -> None:
        self.seen.append(("submit", body))
        entered = _entered(view, "note", "words")
        if entered == "bad":
            await ack(response_action="errors", errors={"note": "say it better"})
            return
        await ack()
        origin = json.loads(str(view["private_metadata"]))
        await client.chat_update(**origin, text=f"Edited: {entered}", blocks=[])
        await client.chat_postEphemeral(channel=origin["channel"], user=_user(body), text="Thank you")

    async def on_closed(self, ack: AsyncAck, body: Json) -> None:
        self.seen.append(("closed", body))
        await ack()

    async def on_mention(self, event: Json, request: _BoltRequest) -> None:
        self.headers.append(request.headers)
        self.seen.append(("mention", event))

    @contextlib.asynccontextmanager
    async def over_http(self) -> AsyncIterator[TinyBot]:
        handler = AsyncSlackRequestHandler(self.app)

        async def endpoint(request: Request) -> Response:
            answer = await handler.handle(request)
            assert isinstance(answer, Response)
            return answer

        web = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
        async with listening(web) as url:
            self.slack.request_url = f"{url}/slack/events"
            yield self

    @contextlib.asynccontextmanager
    async def over_socket(self) -> AsyncIterator[TinyBot]:
        app_token = self.slack.workspace.app_token.get_secret_value()
        opener = AsyncWebClient(token=app_token, base_url=self.slack.base_url)
        handler = AsyncSocketModeHandler(self.app, app_token, web_client=opener)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt left it bare
        try:
            yield self
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt left it bare


class _BoltRequest:
    """The part of Bolt's request the listener reads."""

    headers: dict[str, list[str]]


@contextlib.asynccontextmanager
async def listening(web: Starlette) -> AsyncIterator[str]:
    """The application on a free loopback port."""
    serving = Serving(web, listen())
    await serving.ready()
    try:
        yield f"http://127.0.0.1:{serving.port}"
    finally:
        await serving.stop()


def _origin(body: Json) -> Json:
    container = body["container"]
    assert isinstance(container, dict)
    return {"channel": container["channel_id"], "ts": container["message_ts"]}


def _user(body: Json) -> str:
    user = body["user"]
    assert isinstance(user, dict)
    return str(user["id"])


def _entered(view: Json, block: str, action: str) -> object:
    state = view["state"]
    assert isinstance(state, dict)
    return state["values"][block][action]["value"]
