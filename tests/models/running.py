"""The scripted Messages API in a thread of its own, for commands that run their own event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.sandbox.model.scripted import Answer, Batches, Script, Server, serving


@contextmanager
def running(*script: Answer | Script, batches: Batches | None = None) -> Iterator[Server]:
    started, stop = threading.Event(), threading.Event()
    found: list[Server] = []

    async def serve() -> None:
        async with serving(*script, batches=batches) as server:
            found.append(server)
            started.set()
            while not stop.is_set():  # noqa: ASYNC110  # the event is another thread's
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(10)
