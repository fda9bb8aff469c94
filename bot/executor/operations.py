"""Each kind of operation: how it is recognised on a ticket, how it is applied, what the gate is asked for it.

Every operation can be read back: that is what makes a lost reply or a crash harmless.
"""

from __future__ import annotations

from typing import assert_never

from bot.executor.marker import Marker
from bot.executor.port import PostedComment, TicketWriter
from bot.record.outbox import OutboxRow
from graphs.acts import Action
from graphs.model import (
    AddLabel,
    Assign,
    Comment,
    Operation,
    RemoveComment,
    RemoveLabel,
    Ticket,
    TicketRef,
    Unassign,
)
from graphs.names import folded


def action_of(operation: Operation) -> Action:
    match operation:
        case AddLabel():
            return Action.ADD_LABEL
        case Assign():
            return Action.ASSIGN
        case Comment():
            return Action.COMMENT
        case RemoveLabel():
            return Action.REMOVE_LABEL
        case Unassign():
            return Action.UNASSIGN
        case RemoveComment():
            return Action.REMOVE_COMMENT
    assert_never(operation)


def field_of(operation: Operation) -> tuple[str, str]:
    """(field, value) as effects and echoes name them."""
    match operation:
        case AddLabel(label=label) | RemoveLabel(label=label):
            return "label", label
        case Assign(login=login) | Unassign(login=login):
            return "assignee", login
        case Comment(body=body) | RemoveComment(body=body):
            return "comment", body
    assert_never(operation)


async def is_there(row: OutboxRow, live: Ticket, writer: TicketWriter, marker: Marker) -> bool:
    """Reads back whether the operation's outcome is on the ticket."""
    match row.operation:
        case AddLabel(label=label):
            return label.casefold() in folded(live.labels)
        case RemoveLabel(label=label):
            return label.casefold() not in folded(live.labels)
        case Assign(login=login):
            return login.casefold() in folded(live.assignees)
        case Unassign(login=login):
            return login.casefold() not in folded(live.assignees)
        case Comment():
            posted = await writer.comments(live.ref)
            return any(marker.wrote(one, row.proposal, row.position) for one in posted)
        case RemoveComment() as operation:
            posted = await writer.comments(live.ref)
            return not any(_as_posted(one, operation, marker) for one in posted)
    assert_never(row.operation)


async def apply(row: OutboxRow, ref: TicketRef, writer: TicketWriter, marker: Marker) -> None:
    """Makes the one call. Raises `graphs.errors.TrackerError` subclasses."""
    match row.operation:
        case AddLabel(label=label):
            await writer.add_label(ref, label)
        case RemoveLabel(label=label):
            await writer.remove_label(ref, label)
        case Assign(login=login):
            await writer.assign(ref, login)
        case Unassign(login=login):
            await writer.unassign(ref, login)
        case Comment(body=body):
            await writer.comment(ref, marker.sign(body, row.proposal, row.position))
        case RemoveComment() as operation:
            # The oldest is the one that we posted: whoever copied it did so later.
            for one in [one for one in await writer.comments(ref) if _as_posted(one, operation, marker)][:1]:
                await writer.remove_comment(ref, one.id)
        case _:
            assert_never(row.operation)


def _as_posted(comment: PostedComment, operation: RemoveComment, marker: Marker) -> bool:
    """Ours, and nobody has changed a word: what a person wrote into it is not ours to delete."""
    signed = marker.sign(operation.body, operation.proposal, operation.position)
    untouched = _plain(comment.body) in {_plain(signed), _plain(operation.body)}
    return untouched and marker.wrote(comment, operation.proposal, operation.position)


def _plain(text: str) -> str:
    """Trackers store line ends their own way and drop blanks at the end."""
    return text.replace("\r\n", "\n").strip()
