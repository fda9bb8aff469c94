"""Reads one ticket from its tracker, with a credential that cannot write."""

from __future__ import annotations

from graphs.acts import Action
from graphs.model import Ticket
from graphs.ports import TicketReader
from graphs.tools.toolbox import Arguments


class ReadTicket:
    action = Action.READ_TICKET

    def __init__(self, reader: TicketReader) -> None:
        self._reader = reader

    async def run(self, arguments: Arguments) -> Ticket:
        return await self._reader.read(arguments.ref)
