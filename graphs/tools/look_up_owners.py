"""Looks up who owns a layer or a component that the ticket names. Owners come from policy, never from text."""

from __future__ import annotations

from graphs.acts import Action
from graphs.model import CleanTicket, LayerId, OwnerChoice
from graphs.ports import Directory
from graphs.tools.toolbox import Arguments


class OwnerQuestion(Arguments):
    layer: LayerId
    ticket: CleanTicket
    today: str


class LookUpOwners:
    action = Action.LOOK_UP_OWNERS

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def run(self, arguments: OwnerQuestion) -> OwnerChoice | None:
        return self._directory.owner_for(arguments.layer, arguments.ticket, arguments.today)
