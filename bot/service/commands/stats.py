"""`/triage stats`: how triage goes, in a few numbers of the last seven days."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.service.health import health
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message


async def run(room: Room, _asked: Asked) -> Message:
    async with room.record.read() as tx:
        return answers.stats(await health(tx))
