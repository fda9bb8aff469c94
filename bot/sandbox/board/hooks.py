"""Sends a local tracker's webhooks over HTTP, again where the vendor does so, and keeps what was sent.

Owns the sending. What is in a delivery and how it is signed is the vendor's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx

TIMEOUT_S = 10
KEPT = 2_000
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Hook:
    project: str
    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    id: str
    hook: Hook
    event: str
    headers: dict[str, str] = field(repr=False)
    payload: bytes = field(repr=False)
    status_code: int = 0
    """0 until it was answered, and where nobody answered."""
    times_sent: int = 0


Made = Callable[[Hook], Delivery | None]


class Hooks:
    def __init__(self, waits_s: tuple[float, ...] = ()) -> None:
        """`waits_s`: the pauses before each further try; none for a vendor that never tries again."""
        self.deliveries: dict[str, Delivery] = {}
        self.lost = 0
        """How many of the next deliveries get lost on the way."""
        self._waits = waits_s
        self._hooks: list[Hook] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None

    def add(self, hook: Hook) -> Hook:
        self._hooks.append(hook)
        return hook

    def send(self, project: str, make: Made) -> None:
        """Puts a delivery to each of the project's hooks on its way, one after the other, and returns at once."""
        for hook in self._hooks:
            delivery = make(hook) if hook.project == project else None
            if delivery is not None:
                self._start(delivery)

    async def redeliver(self, delivery_id: str) -> Delivery:
        """The same bytes under the same id, once more; returns when it was answered."""
        await self._attempt(self.deliveries[delivery_id])
        return self.deliveries[delivery_id]

    async def settle(self) -> None:
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _start(self, delivery: Delivery) -> None:
        self.deliveries[delivery.id] = delivery
        if len(self.deliveries) > KEPT:
            del self.deliveries[next(iter(self.deliveries))]
        if self.lost:
            self.lost -= 1
            return
        task = asyncio.create_task(self._run(self._last, delivery))
        self._last = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, before: asyncio.Task[None] | None, delivery: Delivery) -> None:
        if before is not None:
            await asyncio.wait([before])
        status = await self._attempt(delivery)
        for pause in self._waits:
            if status and status not in AGAIN:
                return
            await asyncio.sleep(pause)
            status = await self._attempt(delivery)

    async def _attempt(self, delivery: Delivery) -> int:
        status = await self._post(delivery)
        sent = self.deliveries[delivery.id].times_sent + 1
        self.deliveries[delivery.id] = replace(delivery, status_code=status, times_sent=sent)
        return status

    async def _post(self, delivery: Delivery) -> int:
        if self._client is None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: receivers are on loopback
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, verify=tls)
        try:
            answer = await self._client.post(delivery.hook.url, content=delivery.payload, headers=delivery.headers)
        except httpx.HTTPError:
            return 0
        return answer.status_code
