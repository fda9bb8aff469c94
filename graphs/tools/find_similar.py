"""Looks for tickets that are much like this one, in its own project. Whoever may not see one is not shown it."""

from __future__ import annotations

from graphs.acts import Action
from graphs.model import CleanTicket, Millis, Similar
from graphs.ports import Neighbours
from graphs.tools.toolbox import Arguments


class SimilarQuestion(Arguments):
    ticket: CleanTicket
    opened_at: Millis
    """Only what was filed before is named."""


class FindSimilar:
    action = Action.FIND_SIMILAR

    def __init__(self, neighbours: Neighbours | None = None) -> None:
        """Without neighbours there is nothing to find."""
        self._neighbours = neighbours

    async def run(self, arguments: SimilarQuestion) -> tuple[Similar, ...]:
        if self._neighbours is None:
            return ()
        return await self._neighbours.find(arguments.ticket, arguments.opened_at)
