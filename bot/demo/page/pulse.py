"""Whether anything that people can see has changed: a cheap fingerprint, and the stream that tells browsers.

Owns noticing. What changed is read by drawing the page again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Hashable

from bot.demo.town import CHANNEL, Town

LOOK_S = 0.3
"""Changes made by hand announce nothing: they are seen within this time."""
BREATH_S = 0.2
"""Between two messages to a browser: a burst of changes is one."""


def pulse(town: Town) -> Hashable:
    """Equal as long as nothing to be seen has changed."""
    store, views = town.slack.world.store, town.slack.world.views
    said = [(one.ts, one.edited_at, len(one.reactions)) for one in town.slack.messages(CHANNEL)]
    whispers = [(user, one.ts, one.edited_at) for user, mine in store.ephemerals.items() for one in mine.values()]
    issues = [(one.number, one.updated_at, len(one.history)) for one in town.github.issues(town.repository)]
    open_views = [(one.id, one.hash, one.errors) for one in views]
    ended = town.bot.process is not None and town.bot.process.returncode is not None
    return (tuple(said), tuple(whispers), tuple(issues), tuple(open_views), ended)


async def changes(town: Town, closing: asyncio.Event) -> AsyncIterator[str]:
    """Server-sent events: one `changed` for each change, until the page closes."""
    seen = None
    yield "retry: 1000\n\n"
    while not closing.is_set():
        now = pulse(town)
        if now != seen:
            seen = now
            yield "event: changed\ndata: look again\n\n"
            await _first(closing.wait(), asyncio.sleep(BREATH_S))
        else:
            await _first(closing.wait(), town.slack.world.changes.next(), asyncio.sleep(LOOK_S))


async def _first(*waits: Coroutine[object, object, object]) -> None:
    """Returns when one of them is through; the others are given up."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
