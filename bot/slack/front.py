"""What a listener may call: keep what came in, and look into the record. Implemented in `bot.service.front`.

A listener has three seconds and must lose nothing: it stores, acknowledges, and leaves the work to a worker.
"""

from __future__ import annotations

from typing import Protocol

from bot.slack.blocks.message import Message
from bot.slack.blocks.modals import OwnerOption
from bot.slack.blocks.view import CardView
from bot.slack.payloads import Click, Command, EditForm, Person
from graphs.model import Value


class Openable(Value):
    """A card whose form may be opened."""

    view: CardView
    owners: tuple[OwnerOption, ...]
    question: str = ""
    """What the reporter could be asked."""


class Front(Protocol):
    async def keep_verdict(self, delivery_id: str, body: object) -> None:
        """Stores a click or a submitted form together with its job. Twice the same is kept once."""
        ...

    async def keep_command(self, command: Command, body: object) -> None: ...

    async def draw_home(self, person: Person) -> None:
        """Has the Home tab drawn for somebody who has opened it."""
        ...

    async def openable(self, click: Click, *, deciding: bool) -> Openable | Message:
        """The card behind a button, or what the person is told instead. From the record alone.

        With `deciding`, the card must be open and the person must be allowed to decide.
        """
        ...

    async def form_problem(self, value: str, by: Person, form: EditForm) -> str | None:
        """What is wrong with an edit form, in words for the form itself. From the record alone."""
        ...
