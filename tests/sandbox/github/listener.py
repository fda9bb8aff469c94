"""A receiver of webhooks that checks signatures in its own way and keeps what it got, in order of arrival."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.github.server import Loopback

SECRET = "a webhook secret of the tests"


@dataclass(frozen=True)
class Heard:
    name: str
    """Event and action: `issues.opened`."""
    guid: str
    hook: str
    payload: dict[str, object]
    genuine: bool

    def part(self, name: str) -> dict[str, object]:
        found = self.payload[name]
        assert isinstance(found, dict), f"{name} is {found!r}"
        return found


class Listener:
    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answer = 200
        self.open = asyncio.Event()
        """Cleared, it lets every sender wait."""
        self.open.set()
        self._more = asyncio.Condition()
        self._server = Loopback(0)

    @property
    def url(self) -> str:
        return f"{self._server.url}/hook"

    async def start(self) -> None:
        await self._server.start(Starlette(routes=[Route("/hook", self._receive, methods=["POST"])]))

    async def stop(self) -> None:
        self.open.set()
        await self._server.stop()

    async def has_heard(self, count: int) -> None:
        """Returns when so many have arrived."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.heard) >= count)

    def names(self) -> list[str]:
        return [one.name for one in self.heard]

    def only(self, name: str) -> Heard:
        (one,) = [one for one in self.heard if one.name == name]
        return one

    async def _receive(self, request: Request) -> Response:
        raw = await request.body()
        payload = json.loads(raw)
        action = payload.get("action")
        event = request.headers["x-github-event"]
        assert request.headers["content-type"] == "application/json"
        self.heard.append(
            Heard(
                name=f"{event}.{action}" if action else event,
                guid=request.headers["x-github-delivery"],
                hook=request.headers["x-github-hook-id"],
                payload=payload,
                genuine=_genuine(raw, request.headers["x-hub-signature-256"]),
            )
        )
        async with self._more:
            self._more.notify_all()
        await self.open.wait()
        return Response(status_code=self.answer)


def _genuine(raw: bytes, signature: str) -> bool:
    return signature == "sha256=" + hmac.digest(SECRET.encode(), raw, hashlib.sha256).hex()
