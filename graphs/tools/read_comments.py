"""Reads the whole ticket with its comments: what the first look at it left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from graphs.acts import Action
from graphs.model import Login, TicketRef, Value
from graphs.tools.offered import Case, Offered, Told, ToolInput
from graphs.tools.toolbox import Arguments

BODY_CHARS, COMMENT_CHARS, MOST_COMMENTS = 1_300, 360, 6


class TicketComment(Value):
    """Raw: nobody has cleaned it."""

    author: Login
    body: str


class CommentReader(Protocol):
    """The agent's view of a ticket's talk: read only."""

    async def comments(self, ref: TicketRef) -> Sequence[TicketComment]:
        """Oldest first. Raises `graphs.errors.TrackerError`."""
        ...


class ReadComments:
    action = Action.READ_COMMENTS

    def __init__(self, reader: CommentReader | None) -> None:
        self._reader = reader

    async def run(self, arguments: Arguments) -> tuple[TicketComment, ...]:
        return () if self._reader is None else tuple(await self._reader.comments(arguments.ref))


class WholeTicket(ToolInput):
    """Nothing to say: it is always the ticket at hand."""


def offer(tool: ReadComments) -> Offered[WholeTicket, Arguments, tuple[TicketComment, ...]]:
    return Offered(
        tool=tool,
        question=WholeTicket,
        purpose="Read the rest of this ticket and its newest comments. Use it when the ticket was cut or unclear.",
        arguments=lambda _, case: Arguments(ref=case.ticket.ref),
        told=_told,
    )


def _told(found: tuple[TicketComment, ...], case: Case) -> Told:
    newest = found[-MOST_COMMENTS:]
    lines = [f"{case.ticket.title}\n{case.ticket.body[-BODY_CHARS:]}", f"{len(found)} comments"]
    lines += [f"comment {at}: {one.body[:COMMENT_CHARS]}" for at, one in enumerate(newest, 1)]
    return Told("\n\n".join(lines))
