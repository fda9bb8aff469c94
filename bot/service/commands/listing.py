"""`/triage list [mine|layer|overdue]`: what waits for a decision, the next deadline first."""

from __future__ import annotations

from bot.record.record import Transaction
from bot.service.commands.asking import Asked, Room
from bot.service.queue import Queue, Waiting
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from graphs.answers import Screened
from graphs.state import Step


async def run(room: Room, asked: Asked) -> Message:
    async with room.record.read() as tx:
        queue = await Queue.read(tx, room.calendar, room.owners)
        which = asked.rest.lower()
        chosen = _chosen(room, queue, asked, which)
        if chosen is None:
            return answers.said(f"I can list `mine`, `layer`, `overdue` or one layer, not “{mrkdwn(asked.rest, 40)}”.")
        lines = [line for one in chosen[: answers.MOST_LISTED] if (line := await line_of(room, tx, one))]
    return answers.waiting(lines, total=len(chosen), asleep=queue.asleep if not which else 0)


def _chosen(room: Room, queue: Queue, asked: Asked, which: str) -> list[Waiting] | None:
    """None for a word that is no part of the queue."""
    user = asked.actor.user
    match which:
        case "":
            return queue.waiting
        case "mine":
            return queue.mine(user)
        case "layer":
            return queue.of_layers(room.owners.layers_of(user))
        case "overdue":
            return queue.overdue()
    found = room.owners.layers_named(which)
    return queue.of_layers(found) if found else None


async def line_of(room: Room, tx: Transaction, one: Waiting) -> answers.WaitingTicket | None:
    """None where the ticket's text is gone."""
    screened = await tx.triages.recall(one.triage.id, Step.SCREEN)
    if screened is None:
        return None
    ticket = Screened.model_validate_json(screened).ticket
    return answers.WaitingTicket(
        short=ticket.ref.short,
        url=ticket.url,
        title=ticket.title,
        layer_title=room.owners.layer_title(one.proposal.layer),
        due_at=one.due_at,
    )
