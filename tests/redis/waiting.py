"""Waiting for what must come true soon, without fixed pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], object], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110  # much of it is true in another process
            await asyncio.sleep(0.01)


async def soon(task: asyncio.Future[object] | asyncio.Task[None], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        await task
