"""One Redis, and whether it can be used just now.

Owns connections, time limits, the one warning of an outage and the way back. Whether Redis can be used is found out
by writing to it: a replica and a full Redis answer a PING too.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar
from uuid import uuid4

import structlog
from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from graphs.errors import StrataError

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
PATIENCE_S: Final = 0.25
"""Longest wait for an answer on anybody's way."""
BEAT_S: Final = 5.0
"""How often each process says that it is there. One that was silent for three beats is not counted."""
PAUSE_MAX_S: Final = 5.0
WARN_AGAIN_S: Final = 60.0
UNKNOWN_CROWD: Final = 4
"""How many processes we take ourselves to be before Redis could be asked."""
_CONNECTIONS: Final = 16
_ABOUT_A_STREAM: Final = ("NOGROUP", "UNBLOCKED", "BUSYGROUP", "no such key")


class RedisAway(StrataError):
    """Redis cannot be used just now: do without it."""


class Link:
    """Opened with `open_link`."""

    def __init__(self, url: SecretStr, namespace: str) -> None:
        self.name = f"{socket.gethostname()[:32]}:{os.getpid()}:{uuid4().hex[:8]}"
        self.processes = UNKNOWN_CROWD
        """How many processes share this Redis, as far as is known."""
        self._url = url
        self._namespace = namespace
        self._client = self.connect()
        self._here = asyncio.Event()
        self._lost = asyncio.Event()
        self._why = "not asked yet"
        self._failed_since = 0.0
        self._warned_at = float("-inf")
        self._told = False

    def key(self, *parts: str) -> str:
        """Two installations may share one Redis: each has its own names in it."""
        return ":".join(("strata", self._namespace, *parts))

    def connect(self) -> Redis:
        """A client that fails at once instead of trying again: we know better what to do meanwhile.

        Whoever uses it sets a time limit. The client's own would go through `asyncio.wait_for`, which on Python 3.11
        swallows a cancellation now and then.
        """
        pool = BlockingConnectionPool.from_url(
            self._url.get_secret_value(),
            max_connections=_CONNECTIONS,
            timeout=PATIENCE_S,
            socket_timeout=None,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            encoding_errors="replace",  # what a stranger wrote must not break our reading
            protocol=2,  # the same answers from every version
            driver_info=None,  # two questions less for each connection; 6.2 does not know them
        )
        return Redis.from_pool(pool)

    async def ask(self, command: Callable[[Redis], Awaitable[Answer]]) -> Answer:
        """Raises `RedisAway`: at once while Redis is known to be away, else after `PATIENCE_S` at the latest."""
        if not self._here.is_set():
            raise RedisAway(self._why)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await command(self._client)
        except Exception as error:
            if not is_about_a_stream(error):
                self.failed(error)
            raise RedisAway(_reason(error)) from error

    def failed(self, error: Exception) -> None:
        """Somebody found Redis unusable: nobody asks again until it was found usable."""
        if self._here.is_set():
            self._failed_since = time.monotonic()
        self._why = _reason(error)
        self._here.clear()
        self._lost.set()

    async def back(self) -> None:
        """Returns when Redis can be used."""
        await self._here.wait()

    def state(self) -> str:
        """For `/readyz`."""
        return "ok" if self._here.is_set() else f"degraded: Redis cannot be used ({self._why}), workers poll"

    async def start(self) -> None:
        """Looks once, so that the first state is a true one. Redis need not be there."""
        self._failed_since = time.monotonic()
        await self._beat()

    async def watch(self) -> None:
        """Tells others that we are there, and finds the way back."""
        failures = 0
        while True:
            if self._here.is_set():
                failures = 0
                with suppress(TimeoutError):
                    async with asyncio.timeout(_spread(BEAT_S)):
                        await self._lost.wait()
            if not self._here.is_set():
                await asyncio.sleep(_spread(min(PAUSE_MAX_S, 0.1 * 2**failures)))
                failures += 1
            if not await self._beat():
                self._warn()

    async def close(self) -> None:
        with suppress(RedisAway):
            await self.ask(lambda redis: redis.zrem(self.key("alive"), self.name))
        await self._client.aclose()

    async def _beat(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):
                now = float((await self._client.time())[0])
                async with self._client.pipeline(transaction=False) as pipe:
                    pipe.zadd(self.key("alive"), {self.name: now})
                    pipe.zremrangebyscore(self.key("alive"), "-inf", now - 3 * BEAT_S)
                    pipe.zcard(self.key("alive"))
                    counted = (await pipe.execute())[-1]
        except Exception as error:  # noqa: BLE001  # whatever went wrong in there, work goes on without
            self.failed(error)
            return False
        self.processes = max(1, int(counted))
        self._came_back()
        return True

    def _came_back(self) -> None:
        self._lost.clear()
        self._here.set()
        if self._told:
            log.info("Redis is back", after_s=round(time.monotonic() - self._failed_since, 1))
            self._told = False

    def _warn(self) -> None:
        """Once for each outage, and not for the blink of an eye: a second look has failed too."""
        if not self._told and time.monotonic() - self._warned_at > WARN_AGAIN_S:
            log.warning("Redis cannot be used, work goes on by polling", why=self._why)
            self._warned_at = time.monotonic()
            self._told = True


@asynccontextmanager
async def open_link(url: SecretStr, namespace: str) -> AsyncIterator[Link]:
    """Never fails because Redis is not there."""
    link = Link(url, namespace)
    await link.start()
    watching = asyncio.create_task(link.watch())
    try:
        yield link
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await link.close()


def is_about_a_stream(error: Exception) -> bool:
    """Redis is well; only a stream or its group is not there, or is there already."""
    return isinstance(error, ResponseError) and str(error).startswith(_ABOUT_A_STREAM)


def _reason(error: Exception) -> str:
    """The kind of the first error and Redis's own code for it. The whole text may name hosts and keys."""
    while isinstance(error.__cause__, Exception):
        error = error.__cause__
    code = str(error).partition(" ")[0]
    return f"{type(error).__name__} {code}" if code.isupper() else type(error).__name__


def _spread(top_s: float) -> float:
    """So that what failed together does not come back together."""
    return random.uniform(top_s / 2, top_s)  # noqa: S311  # spreads retries, guards nothing
