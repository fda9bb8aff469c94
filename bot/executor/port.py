"""What the executor needs of a tracker: the writing half, with its own credential.

Every write here changes one member and can be read back. There is no call that replaces a whole list.
"""

from __future__ import annotations

from typing import Protocol

from graphs.model import Login, Ticket, TicketRef, Value


class PostedComment(Value):
    id: str
    body: str
    author: Login


class TicketWriter(Protocol):
    """Raises `graphs.errors.TrackerError` subclasses; `TrackerUnavailable` means: outcome unknown, read back."""

    async def read(self, ref: TicketRef) -> Ticket: ...

    async def labels(self, ref: TicketRef) -> frozenset[str]: ...

    async def create_label(self, ref: TicketRef, label: str) -> None:
        """A label that exists already is fine."""
        ...

    async def add_label(self, ref: TicketRef, label: str) -> None: ...

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        """A label that is not there is fine."""
        ...

    async def assign(self, ref: TicketRef, login: Login) -> None:
        """Raises `TrackerRejected` when the tracker does not know the person or may not assign them."""
        ...

    async def unassign(self, ref: TicketRef, login: Login) -> None: ...

    async def comment(self, ref: TicketRef, body: str) -> None: ...

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        """`comment` is its id. One that is not there is fine."""
        ...

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """All comments, oldest first."""
        ...
