"""What a process runs until it is told to stop."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Runs(Protocol):
    async def run(self) -> None:
        """Works until `stop()`; what is under way is brought to its end."""
        ...

    def stop(self) -> None: ...


async def wait_for(stopping: asyncio.Event, timeout_s: float) -> bool:
    """Whether `stopping` was set within the time."""
    try:
        async with asyncio.timeout(timeout_s):
            await stopping.wait()
    except TimeoutError:
        return False
    return True
