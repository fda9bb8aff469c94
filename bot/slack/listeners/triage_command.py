"""`/triage`: store what was typed, say that it is being looked at, let a worker answer."""

from __future__ import annotations

from slack_bolt.async_app import AsyncAck

from bot.slack.blocks import answers, usage
from bot.slack.blocks.message import Message
from bot.slack.front import Front
from bot.slack.payloads import parse_command


class TriageCommand:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, ack: AsyncAck, body: dict[str, object]) -> None:
        command = parse_command(body)
        words = command.text.lower().split()
        if words[:1] in ([], ["help"]):
            await _say(ack, usage.usage(everything=words[1:] == ["all"]))
            return
        await self._front.keep_command(command, body)
        if words[0] in usage.NAMES:
            await ack()
        else:
            await _say(ack, answers.queued(command.text))


async def _say(ack: AsyncAck, message: Message) -> None:
    await ack(text=message.text, blocks=[*message.blocks], response_type="ephemeral")
