"""The bot's name in a channel, or a message to it alone: the words of `/triage`. Stored; a worker answers."""

from __future__ import annotations

from slack_bolt.async_app import AsyncAck

from bot.slack.front import Front
from bot.slack.payloads import parse_said

DIRECT = "im"


class SpokenTo:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, ack: AsyncAck, body: dict[str, object], event: dict[str, object]) -> None:
        if event.get("type") == "app_mention" or event.get("channel_type") == DIRECT:
            said = parse_said(body)
            if said is not None:
                await self._front.keep_command(said, body)
        await ack()
