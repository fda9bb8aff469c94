"""Handing a payload to the bot: over a connected socket if there is one, else by signed HTTP POST."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode

import httpx

from bot.sandbox.slack.couriers import Couriers
from bot.sandbox.slack.narrow import Json, decode_object
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.signing import signed_headers
from bot.sandbox.slack.socket_mode import SocketHub
from bot.sandbox.slack.world import World

ACK_DEADLINE_S = 3.0
IN_FLIGHT = 32
OK = 200
FORM = "application/x-www-form-urlencoded"


class Kind(StrEnum):
    """The three kinds of payload; the values are the envelope types of Socket Mode."""

    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"
    EVENT = "events_api"


@dataclass
class Retry:
    number: int
    reason: str


@dataclass
class Delivery:
    world: World
    hub: SocketHub
    couriers: Couriers
    request_url: str | None = None
    ack_deadline_s: float = ACK_DEADLINE_S
    sent: list[tuple[Kind, Json, Outcome]] = field(default_factory=list)
    in_flight: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))

    async def interaction(self, kind: Kind, payload: Json) -> Outcome:
        """A click, submission or command; Slack never retries those, but a fault script may double them."""
        copies = self.world.faults.next_copies()
        outcomes = await asyncio.gather(*(self.once(kind, payload) for _ in range(copies)))
        return outcomes[0]

    async def once(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Outcome:
        """One attempt. More than `in_flight` at a time wait here, so that their three seconds start when they leave."""
        async with self.in_flight:
            if self.hub.connected:
                outcome = await self._over_socket(kind, payload, retry)
            elif self.request_url:
                outcome = await self._over_http(self.request_url, kind, payload, retry)
            else:
                outcome = Outcome(acked=False, error="dispatch_failed")
        self.sent.append((kind, payload, outcome))
        return outcome

    async def _over_socket(self, kind: Kind, payload: Json, retry: Retry | None) -> Outcome:
        started = time.monotonic()
        told = (retry.number, retry.reason) if retry else (0, "")
        try:
            async with asyncio.timeout(self.ack_deadline_s):
                answer = await self.hub.send(kind, payload, retry_attempt=told[0], retry_reason=told[1])
        except TimeoutError:
            return Outcome(acked=False, error="operation_timeout", seconds=time.monotonic() - started)
        except ConnectionError:
            return Outcome(acked=False, error="dispatch_failed", seconds=time.monotonic() - started)
        return Outcome(acked=True, status=OK, body=answer, seconds=time.monotonic() - started)

    async def _over_http(self, url: str, kind: Kind, payload: Json, retry: Retry | None) -> Outcome:
        body, content_type = _encoded(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (local)", **self._signature(body)}
        if retry:
            headers |= {"x-slack-retry-num": str(retry.number), "x-slack-retry-reason": retry.reason}
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.ack_deadline_s), self.couriers.one() as http:
                answer = await http.post(url, content=body, headers=headers)
        except TimeoutError:
            return Outcome(acked=False, error="operation_timeout", seconds=time.monotonic() - started)
        except httpx.HTTPError:
            return Outcome(acked=False, error="connection_failed", seconds=time.monotonic() - started)
        seconds = time.monotonic() - started
        refused_retry = answer.headers.get("x-slack-no-retry") == "1"
        acked = answer.status_code == OK
        error = "" if acked else "no_retry" if refused_retry else "http_error"
        return Outcome(acked, answer.status_code, _answer_body(answer), seconds, error)

    def _signature(self, body: bytes) -> dict[str, str]:
        """Signed with the true time, whatever clock the workspace runs on: the bot checks against its own."""
        faults = self.world.faults
        secret = (
            "someone-elses-secret" if faults.next_forgery() else self.world.workspace.signing_secret.get_secret_value()
        )
        return signed_headers(secret, str(int(time.time()) - faults.next_age()), body)


def _encoded(kind: Kind, payload: Json) -> tuple[bytes, str]:
    match kind:
        case Kind.EVENT:
            return json.dumps(payload).encode(), "application/json"
        case Kind.COMMAND:
            return urlencode({name: str(value) for name, value in payload.items()}).encode(), FORM
        case Kind.INTERACTIVE:
            return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def _answer_body(answer: httpx.Response) -> Json:
    """A JSON object, or plain words, which count as the text of an ephemeral answer."""
    if "json" in answer.headers.get("content-type", ""):
        return decode_object(answer.content)
    return {"text": answer.text} if answer.text else {}
