"""`/triage owners <layer|component>`: who gets its tickets, in which order, and who of them is away."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from graphs.owners import Claim


async def run(room: Room, asked: Asked) -> Message:
    if not asked.rest:
        return answers.said("Say which: `/triage owners retrieval`, or a component or path of owners.yaml.")
    async with room.record.read() as tx:
        now = await tx.now()
        today = room.calendar.today(now, asked.actor.user)
        away = await tx.absences.since(today)
    gone = {user for user, one in away.items() if one.covers(today)}
    claims = _claims(room, asked.rest)
    lines = [
        (one.owner.name, one.owner.slack, one.line, one.owner.away(today) or one.owner.slack in gone) for one in claims
    ]
    return answers.owners(asked.rest, [answers.OwnerLine.of(*line) for line in lines])


def _claims(room: Room, named: str) -> list[Claim]:
    """Of a layer by its id or title, else of a component or path."""
    layers = room.owners.layers_named(named)
    return [claim for layer in layers for claim in room.owners.of_layer(layer)] or room.owners.of_path(named)
