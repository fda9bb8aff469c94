"""`/triage pause [channel|all]` and `/triage resume`: the off switch, or no new cards in a channel."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from bot.work.pause import SWITCH, channel_switch

_WORDS = {
    (SWITCH, True): "Paused everywhere: nothing is proposed or written until `/triage resume`.",
    (SWITCH, False): "Resumed. What came in meanwhile is worked on now.",
    ("channel", True): "Paused here: no new cards or reminders in this channel until `/triage resume channel`.",
    ("channel", False): "Resumed here. Cards that waited come now.",
}


async def pause(room: Room, asked: Asked) -> Message:
    return await _turn(room, asked, on=True)


async def resume(room: Room, asked: Asked) -> Message:
    return await _turn(room, asked, on=False)


async def _turn(room: Room, asked: Asked, *, on: bool) -> Message:
    scope = asked.first.lower() or SWITCH
    if scope not in (SWITCH, "channel"):
        verb = "pause" if on else "resume"
        return answers.said(f"Say `/triage {verb} channel` or `/triage {verb} all`, not “{mrkdwn(asked.rest, 40)}”.")
    name = SWITCH if scope == SWITCH else channel_switch(asked.command.channel)
    by = f"human:{asked.actor.user}"
    async with room.record.begin(asked.job) as tx:
        changed = await tx.switches.turn(name, on=on, by=by, why=f"asked for in Slack {asked.others}".strip())
        if changed:
            await tx.audit.append(by, "paused" if on else "resumed", name)
        await tx.jobs.finish(asked.job)
    if scope == SWITCH:
        await room.announce()
        if not on and room.rules.paused():
            return answers.said("Resumed here, but the operator has paused it by setting: it stays paused.")
    return answers.said(_WORDS[scope, on] if changed else f"It is {'paused' if on else 'running'} already.")
