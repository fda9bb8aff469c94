"""The history that a running bot ranks by: tickets that people decided, read from the record as they come.

Owns what is kept in memory between two questions. Must not decide anything. What the record has forgotten is forgotten
here at the next look, words taken out of a text at the latest after `RELOAD_MS`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from graphs.model import InstallId, Millis
from graphs.ranking.history import History, Past

MOST = 2_000
"""Decided tickets of an installation that are looked at, the newest."""
LOOK_MS = 30_000
"""How long an answer of the record is good enough. A decision reaches the ranking within this time."""
RELOAD_MS = 3_600_000
"""After this everything is read anew, whatever the keys say."""


class OwnedTickets(Protocol):
    """Tickets for which a person approved an owner, as the record has them."""

    async def keys(self, install: InstallId, most: int) -> Sequence[str]:
        """Ids of the newest decisions, newest first. Opaque; equal ids stand for equal tickets."""
        ...

    async def read(self, keys: Collection[str]) -> Sequence[Past]:
        """Those of them that are still there; the key of each ticket is its id."""
        ...


@dataclass(slots=True)
class _Held:
    history: History
    loaded: Millis
    looked: Millis | None = None
    read: set[str] = field(default_factory=set)
    """Keys that need not be read again; some of them taught nothing."""


class Memory:
    """One history for each installation, brought up to date before it is used.

    Without a source there is no history, and the policy alone decides. `known_as` turns an account name into the
    directory's handle, because who reports a ticket and who owns it are compared.
    """

    def __init__(self, source: OwnedTickets | None, known_as: Callable[[str], str]) -> None:
        self._source = source
        self._known_as = known_as
        self._histories: dict[InstallId, _Held] = {}
        self._looking = asyncio.Lock()

    async def history(self, install: InstallId, now: Millis) -> History:
        """Raises `graphs.errors.Outage` where the record cannot be read."""
        async with self._looking:
            held = self._histories.get(install)
            if held is None or not 0 <= now - held.loaded < RELOAD_MS:
                held = self._histories[install] = _Held(History(), loaded=now)
            if held.looked is None or not 0 <= now - held.looked < LOOK_MS:
                await self._look(install, held)
                held.looked = now
            return held.history

    async def _look(self, install: InstallId, held: _Held) -> None:
        if self._source is None:
            return
        keys = await self._source.keys(install, MOST)
        held.history.keep(set(keys))
        new, held.read = [key for key in keys if key not in held.read], set(keys)
        for past in await self._source.read(new):
            author = self._known_as(past.ticket.author)
            held.history.add(past.model_copy(update={"ticket": past.ticket.model_copy(update={"author": author})}))
            await asyncio.sleep(0)  # thousands of texts at the first look: others get their turn
