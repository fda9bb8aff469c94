"""`/triage undo <ticket>`: takes back what Strata wrote to it last."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message


async def run(room: Room, asked: Asked) -> Message:
    ref = room.locate(asked.rest) if asked.rest else None
    if ref is None:
        return answers.not_a_ticket(asked.rest) if asked.rest else answers.undo_what()
    async with room.record.begin(asked.job) as tx:
        return await room.undoing.asked(tx, asked.actor, ref)
