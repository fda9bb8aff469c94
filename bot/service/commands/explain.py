"""`/triage explain <ticket>`: what stands under Why, for the newest proposal of a ticket."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.blocks.why import why_message


async def run(room: Room, asked: Asked) -> Message:
    ref = room.locate(asked.rest)
    if ref is None:
        return answers.no_such_ticket(asked.rest, "explain")
    async with room.record.read() as tx:
        triage = await tx.triages.newest(ref.key)
        view = await room.cards.view(tx, triage.id) if triage else None
    return answers.nothing_known(ref.short) if view is None else why_message(view)
