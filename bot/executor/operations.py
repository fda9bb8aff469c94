"""Each kind of operation: how it is recognised on a ticket, how it is applied, what the gate is asked for it.

Every operation can be read back: that is what makes a lost reply or a crash harmless.
"""

from __future__ import annotations

from typing import assert_never

from bot.executor.marker import Marker
from bot.executor.port import TicketWriter
from bot.record.outbox import OutboxRow
from graphs.acts import Action
from graphs.model import AddLabel, Assign, Comment, Operation, Ticket, TicketRef
from graphs.names import folded


def action_of(operation: Operation) -> Action:
    match operation:
        case AddLabel():
            return Action.ADD_LABEL
        case Assign():
            return Action.ASSIGN
        case Comment():
            return Action.COMMENT
    assert_never(operation)


def field_of(operation: Operation) -> tuple[str, str]:
    """(field, value) as effects and echoes name them."""
    match operation:
        case AddLabel(label=label):
            return "label", label
        case Assign(login=login):
            return "assignee", login
        case Comment(body=body):
            return "comment", body
    assert_never(operation)


async def is_there(row: OutboxRow, live: Ticket, writer: TicketWriter, marker: Marker) -> bool:
    """Reads back whether the operation's outcome is on the ticket."""
    match row.operation:
        case AddLabel(label=label):
            return label.casefold() in folded(live.labels)
        case Assign(login=login):
            return login.casefold() in folded(live.assignees)
        case Comment():
            posted = await writer.comments(live.ref)
            return any(marker.is_ours(one.body, row.proposal, row.position) for one in posted)
    assert_never(row.operation)


async def apply(row: OutboxRow, ref: TicketRef, writer: TicketWriter, marker: Marker) -> None:
    """Makes the one call. Raises `graphs.errors.TrackerError` subclasses."""
    match row.operation:
        case AddLabel(label=label):
            await writer.add_label(ref, label)
        case Assign(login=login):
            await writer.assign(ref, login)
        case Comment(body=body):
            await writer.comment(ref, marker.sign(body, row.proposal, row.position))
        case _:
            assert_never(row.operation)
