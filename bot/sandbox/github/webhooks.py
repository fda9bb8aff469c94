"""Webhooks on their way out: signed, sent once, never retried, kept for redelivery.

Owns hooks, deliveries and the HTTP client that sends them. Deliveries of one issue go out in order, different
issues at the same time; github.com promises no order at all, which `WebhookScript.reorder` can show.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import time
import uuid
from dataclasses import dataclass, field, replace
from itertools import count

import httpx

from bot.sandbox.github.model import Json
from bot.sandbox.github.webhook_faults import Plan, WebhookScript

TIMEOUT_S = 10.0
AT_ONCE = 16
KEPT = 5_000
"""Deliveries that can still be looked at and sent again; github.com keeps those of three days."""


@dataclass(frozen=True, slots=True)
class Hook:
    id: int
    repo: str
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...] = ("*",)
    active: bool = True
    created_at: float = 0.0

    def wants(self, event: str) -> bool:
        return self.active and (event == "ping" or "*" in self.events or event in self.events)


@dataclass(frozen=True, slots=True)
class Delivery:
    id: int
    guid: str
    hook: Hook
    event: str
    action: str | None
    payload: bytes = field(repr=False)
    redelivery: bool = False
    at: float = 0.0
    status: str = "pending"
    """`OK`, the receiver's reason phrase, `timed out`, `failed to connect`, or `dropped` by a test."""
    status_code: int = 0
    duration_s: float = 0.0
    times_sent: int = 0

    @property
    def name(self) -> str:
        return self.event if self.action is None else f"{self.event}.{self.action}"

    @property
    def ok(self) -> bool:
        return 200 <= self.status_code < 300  # noqa: PLR2004  # the meaning of 2xx


def headers(delivery: Delivery) -> dict[str, str]:
    """Exactly what github.com sends, both signatures over the raw bytes."""
    secret = delivery.hook.secret.encode()
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/10ca1",
        "accept": "*/*",
        "x-github-event": delivery.event,
        "x-github-delivery": delivery.guid,
        "x-github-hook-id": str(delivery.hook.id),
        "x-github-hook-installation-target-type": "repository",
        "x-hub-signature": "sha1=" + hmac.new(secret, delivery.payload, hashlib.sha1).hexdigest(),
        "x-hub-signature-256": "sha256=" + hmac.new(secret, delivery.payload, hashlib.sha256).hexdigest(),
    }


class Webhooks:
    def __init__(self) -> None:
        self.script = WebhookScript()
        self.deliveries: dict[int, Delivery] = {}
        self._hooks: list[Hook] = []
        self._ids = count(1)
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._held: list[Delivery] = []
        self._slots = asyncio.Semaphore(AT_ONCE)

    def add(self, repo: str, url: str, secret: str, events: tuple[str, ...]) -> Hook:
        hook = Hook(next(self._ids), repo, url, secret, events, created_at=time.time())
        self._hooks.append(hook)
        return hook

    def hooks(self, repo: str) -> tuple[Hook, ...]:
        return tuple(one for one in self._hooks if one.repo == repo)

    def send(self, hook: Hook, event: str, body: Json, lane: str) -> Delivery | None:
        """Puts one delivery on its way and returns at once. Must run inside the event loop."""
        if not hook.wants(event):
            return None
        action = body.get("action")
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        delivery = Delivery(
            next(self._ids), str(uuid.uuid4()), hook, event, action if isinstance(action, str) else None, raw
        )
        self._keep(delivery)
        plan = self.script.plan(delivery.name)
        if plan.hold_for:
            self._hold(delivery, plan)
        else:
            self._spawn([delivery], plan, None if plan.delay_s else f"{hook.id}:{lane}")
        return delivery

    async def redeliver(self, delivery_id: int) -> Delivery:
        """Sends the same bytes under the same GUID as a new delivery, and waits for the answer."""
        new = replace(self.deliveries[delivery_id], id=next(self._ids), redelivery=True, times_sent=0, status="pending")
        self._keep(new)
        await self._attempt(new)
        return self.deliveries[new.id]

    def redeliver_soon(self, delivery_id: int) -> None:
        """The same, without waiting."""
        task = asyncio.create_task(self._redeliver(delivery_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _redeliver(self, delivery_id: int) -> None:
        await self.redeliver(delivery_id)

    async def settle(self) -> None:
        """Returns when nothing is on its way; what a test still holds back stays held."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def release(self) -> None:
        """Sends what `reorder` holds back, last first, also when its group never got full."""
        held, self._held = self._held, []
        if held:
            self._spawn(held[::-1], Plan(), None)

    async def close(self) -> None:
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _keep(self, delivery: Delivery) -> None:
        self.deliveries[delivery.id] = delivery
        if len(self.deliveries) > KEPT:
            del self.deliveries[next(iter(self.deliveries))]

    def _hold(self, delivery: Delivery, plan: Plan) -> None:
        self._held.append(delivery)
        if len(self._held) >= plan.hold_for:
            self.release()

    def _spawn(self, deliveries: list[Delivery], plan: Plan, lane: str | None) -> None:
        before = None if lane is None else self._lanes.get(lane)
        task = asyncio.create_task(self._run(before, deliveries, plan))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if lane is not None:
            self._lanes[lane] = task
            task.add_done_callback(lambda done: self._leave(lane, done))

    def _leave(self, lane: str, done: asyncio.Task[None]) -> None:
        if self._lanes.get(lane) is done:
            del self._lanes[lane]

    async def _run(self, before: asyncio.Task[None] | None, deliveries: list[Delivery], plan: Plan) -> None:
        if before is not None:
            await asyncio.wait([before])
        if plan.delay_s:
            await asyncio.sleep(plan.delay_s)
        for one in deliveries:
            if plan.copies == 0:
                self._record(replace(one, status="dropped"))
            await asyncio.gather(*(self._attempt(one) for _ in range(plan.copies)))

    async def _attempt(self, delivery: Delivery) -> None:
        """One POST, no retry; whatever happens is written down on the delivery."""
        started = time.monotonic()
        async with self._slots:
            status, code = await self._post(delivery)
        sent = self.deliveries.get(delivery.id, delivery).times_sent + 1
        took = time.monotonic() - started
        self._record(
            replace(delivery, status=status, status_code=code, duration_s=took, at=time.time(), times_sent=sent)
        )

    async def _post(self, delivery: Delivery) -> tuple[str, int]:
        if self._client is None:
            limits = httpx.Limits(max_connections=AT_ONCE)
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False, verify=_no_tls())
        try:
            answer = await self._client.post(delivery.hook.url, content=delivery.payload, headers=headers(delivery))
        except httpx.TimeoutException:
            return "timed out", 0
        except httpx.HTTPError:
            return "failed to connect", 0
        return answer.reason_phrase, answer.status_code

    def _record(self, delivery: Delivery) -> None:
        if delivery.id in self.deliveries:
            self.deliveries[delivery.id] = delivery


def _no_tls() -> ssl.SSLContext:
    """Trusts nobody: receivers are on loopback, and loading the trust store takes longer than a test."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
