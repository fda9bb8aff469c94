"""A project's labels, read at most once a minute however many tickets ask for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.cache import Cache
from graphs.model import TicketRef

LABELS_OLD_S: Final = 60.0
"""A proposal may be made from labels this old. Before one is written, the executor reads for itself."""
_NAMES: Final = TypeAdapter(frozenset[str])


class LabelCache:
    def __init__(self, cache: Cache | None) -> None:
        """Without a cache every question goes to the tracker."""
        self._cache = cache

    async def of(self, ref: TicketRef, ask: Callable[[TicketRef], Awaitable[frozenset[str]]]) -> frozenset[str]:
        """Raises what `ask` raises."""
        if self._cache is None:
            return await ask(ref)
        key = f"labels:{ref.tracker}:{ref.install}:{ref.project}"
        try:
            return _NAMES.validate_python(await self._cache.get(key))
        except ValidationError:
            names = await ask(ref)
            await self._cache.put(key, [*sorted(names)], LABELS_OLD_S)
            return names
