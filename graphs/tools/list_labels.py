"""Lists the labels that exist in the ticket's project."""

from __future__ import annotations

from graphs.acts import Action
from graphs.ports import TicketReader
from graphs.tools.toolbox import Arguments


class ListLabels:
    action = Action.LIST_LABELS

    def __init__(self, reader: TicketReader) -> None:
        self._reader = reader

    async def run(self, arguments: Arguments) -> frozenset[str]:
        return await self._reader.labels(arguments.ref)
