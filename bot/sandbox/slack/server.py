"""The local Slack as one running thing: start it, point the bot at `base_url`, act as people, read what happened."""

from __future__ import annotations

import asyncio
import secrets
import time
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.slack.callbacks import serve_response_url
from bot.sandbox.slack.couriers import Couriers
from bot.sandbox.slack.delivery import ACK_DEADLINE_S, Delivery, Kind
from bot.sandbox.slack.events import RETRY_AFTER_S, EventSender
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.modals import Modals
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.people import People
from bot.sandbox.slack.serving import Serving, listen
from bot.sandbox.slack.socket_mode import SocketHub
from bot.sandbox.slack.store import Clock
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.workspace import Workspace, demo_workspace
from bot.sandbox.slack.world import World
from bot.sandbox.traffic import Traffic, metered


class LocalSlack(People, Modals):
    """Use as `async with LocalSlack() as slack:`; `slack.request_url = ...` when the bot listens over HTTP."""

    def __init__(
        self,
        workspace: Workspace | None = None,
        *,
        request_url: str | None = None,
        port: int = 0,
        clock: Clock = time.time,
        ack_deadline_s: float = ACK_DEADLINE_S,
        event_retry_after_s: tuple[float, ...] = RETRY_AFTER_S,
    ) -> None:
        self.world = World(workspace or demo_workspace(), clock)
        self.hub = SocketHub(self.world)
        self._wanted_port = port
        self._closing = asyncio.Event()
        self._couriers = Couriers(timeout_s=2 * ack_deadline_s)
        self.delivery = Delivery(self.world, self.hub, self._couriers, request_url, ack_deadline_s)
        self.events = EventSender(self.world, self.delivery, event_retry_after_s)
        self.traffic = Traffic()
        self._serving: Serving | None = None

    @property
    def workspace(self) -> Workspace:
        return self.world.workspace

    @property
    def base_url(self) -> str:
        """For `AsyncWebClient(base_url=...)`."""
        return f"{self.world.origin}/api/"

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def journal(self) -> Journal:
        return self.world.journal

    @property
    def request_url(self) -> str | None:
        return self.delivery.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.delivery.request_url = url

    async def verify_request_url(self) -> bool:
        """What Slack does when someone enters the address: the bot must answer the challenge."""
        challenge = secrets.token_hex(8)
        token = self.workspace.verification_token.get_secret_value()
        asked: Json = {"type": "url_verification", "token": token, "challenge": challenge}
        outcome = await self.delivery.once(Kind.EVENT, asked)
        return challenge in {outcome.text, outcome.body.get("challenge")}

    async def start(self) -> None:
        listener = listen(self._wanted_port)
        self._serving = Serving(metered(self._application(), self.traffic), listener)
        self.world.port = self._serving.port
        await self._serving.ready()

    async def stop(self) -> None:
        self._closing.set()
        await self.hub.drop()
        if self._serving:
            await self._serving.stop()
        await self._couriers.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _application(self) -> Starlette:
        async def response_url(request: Request) -> Response:
            return await serve_response_url(self.world, request)

        return Starlette(
            routes=[
                Route("/api/{method}", WebApi(self.world, self._closing), methods=["GET", "POST"]),
                Route(f"/actions/{self.workspace.team_id}/{{key}}", response_url, methods=["POST"]),
                WebSocketRoute("/link/", self.hub.serve),
            ]
        )
