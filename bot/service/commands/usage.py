"""`/triage help`: what can be asked for."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.slack.blocks import usage
from bot.slack.blocks.message import Message


async def run(_room: Room, asked: Asked) -> Message:
    return usage.usage(everything=asked.rest.lower() == "all")
