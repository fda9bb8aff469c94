"""The HTTP clients that carry deliveries: one for each request in flight, kept for the next.

httpx's own pool looks at every open connection for every request, which costs more than the request itself when many
people click at once; a client with one connection has nothing to look through.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx


@dataclass
class Couriers:
    timeout_s: float
    _idle: list[httpx.AsyncClient] = field(default_factory=list)
    _no_tls: ssl.SSLContext | None = None

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncClient]:
        courier = self._idle.pop() if self._idle else self._new()
        try:
            yield courier
        finally:
            self._idle.append(courier)

    async def close(self) -> None:
        for courier in self._idle:
            await courier.aclose()

    def _new(self) -> httpx.AsyncClient:
        """Plain HTTP on loopback needs no certificates, and loading them takes 40 ms: this context trusts nobody."""
        self._no_tls = self._no_tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.AsyncClient(timeout=self.timeout_s, trust_env=False, verify=self._no_tls)
