"""What every tracker's adapter offers, in two halves that hold different credentials.

The reading half is given to the agent and the scheduler, the writing half (`bot.executor.port.TicketWriter`) to the
executor alone; there is no object that has both. Every adapter passes `tests/trackers/contract`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from enum import StrEnum
from typing import Protocol

from bot.events import Change
from graphs.errors import StrataError
from graphs.model import InstallId, Millis, TicketRef, Value
from graphs.ports import TicketReader
from graphs.tools.read_comments import CommentReader


class Which(StrEnum):
    """Tickets by whether they are closed."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class Listing(Protocol):
    """Which tickets there are. Reads only, and only what names them."""

    def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        """Tickets of a project, filed on `since` (UTC) or later, oldest first, in pages.

        Raises a `graphs.errors.TrackerError`. A ticket that is closed while pages are read can hide another: a second
        look finds it.
        """
        ...

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        """Tickets that changed at `since` or later, the longest unchanged first, in pages.

        Trackers count in whole seconds, so what is asked for begins a second early. Raises a
        `graphs.errors.TrackerError`.
        """
        ...


class TrackerReader(TicketReader, CommentReader, Listing, Protocol):
    """The reading half."""


class TicketLink(Value):
    """What a person's link or key names."""

    project: str
    number: str


class BadLink(StrataError):
    """Not a ticket of this tracker; the text says what a right one looks like."""
