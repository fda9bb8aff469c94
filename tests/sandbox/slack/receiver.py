"""A bare receiver in the bot's place: keeps every request as it came over the wire and answers as told."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.narrow import Json, decode_object
from tests.sandbox.slack.tiny_bot import listening


@dataclass(frozen=True)
class Got:
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The payload, out of a form field or as the body itself."""
        form = parse_qs(self.body.decode())
        return decode_object(form["payload"][0] if "payload" in form else self.body)


@dataclass
class Receiver:
    got: list[Got] = field(default_factory=list)
    answers: deque[Response] = field(default_factory=deque)
    silent: asyncio.Event | None = None

    async def endpoint(self, request: Request) -> Response:
        self.got.append(Got(dict(request.headers), await request.body()))
        if self.silent:
            await self.silent.wait()
        return self.answers.popleft() if self.answers else JSONResponse({})

    @contextlib.asynccontextmanager
    async def beside(self, slack: LocalSlack) -> AsyncIterator[Receiver]:
        web = Starlette(routes=[Route("/", self.endpoint, methods=["POST"])])
        async with listening(web) as url:
            slack.request_url = url
            yield self
            if self.silent:
                self.silent.set()
