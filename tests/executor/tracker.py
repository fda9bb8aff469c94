"""A tracker in memory, as `bot.executor.port.TicketWriter` sees one. It keeps every call, and fails when told to."""

from __future__ import annotations

from collections.abc import Callable

from bot.executor.port import PostedComment
from graphs.model import Login, Ticket, TicketRef
from tests.builders import a_ticket

READS = ("read", "comments", "labels")


class FakeTracker:
    def __init__(self, ticket: Ticket | None = None) -> None:
        self.ticket = ticket or a_ticket()
        self.calls: list[tuple[str, str]] = []
        self.posted: list[str] = []
        self.lost: dict[str, Exception] = {}
        """By call: raised once, after the change was made."""
        self.broken: dict[str, Exception] = {}
        """By call: raised once, and nothing is changed."""
        self.deaf: set[str] = set()
        """Calls that are accepted and change nothing."""
        self.between: Callable[[str], None] = lambda _: None
        """Called before each call: what else happens in the world."""

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [call for call in self.calls if call[0] not in READS]

    async def read(self, ref: TicketRef) -> Ticket:
        self._come("read", ref.short)
        self._go("read")
        return self.ticket

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        self._come("labels", ref.short)
        return frozenset(self.ticket.labels)

    async def create_label(self, ref: TicketRef, label: str) -> None:
        self._come("create_label", label)
        self._go("create_label")

    async def add_label(self, ref: TicketRef, label: str) -> None:
        if self._come("add_label", label) and label not in self.ticket.labels:
            self.set(labels=(*self.ticket.labels, label))
        self._go("add_label")

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        if self._come("remove_label", label):
            self.set(labels=tuple(one for one in self.ticket.labels if one != label))
        self._go("remove_label")

    async def assign(self, ref: TicketRef, login: Login) -> None:
        if self._come("assign", login):
            self.set(assignees=(*self.ticket.assignees, login))
        self._go("assign")

    async def unassign(self, ref: TicketRef, login: Login) -> None:
        if self._come("unassign", login):
            self.set(assignees=tuple(one for one in self.ticket.assignees if one != login))
        self._go("unassign")

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        if self._come("remove_comment", comment):
            del self.posted[int(comment)]
        self._go("remove_comment")

    async def comment(self, ref: TicketRef, body: str) -> None:
        if self._come("comment", body):
            self.posted.append(body)
        self._go("comment")

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        self._come("comments", ref.short)
        self._go("comments")
        found = enumerate(self.posted)
        return tuple(PostedComment(id=str(at), body=body, author=Login("strata-bot")) for at, body in found)

    def set(self, **changes: object) -> None:
        """What a person does in the tracker."""
        self.ticket = self.ticket.model_copy(update=changes)

    def _come(self, call: str, value: str) -> bool:
        """Whether the call has an effect."""
        self.between(call)
        self.calls.append((call, value))
        if call in self.broken:
            raise self.broken.pop(call)
        return call not in self.deaf

    def _go(self, call: str) -> None:
        if call in self.lost:
            raise self.lost.pop(call)
