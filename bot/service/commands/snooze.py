"""`/triage snooze <ticket> [until]`: puts a waiting card off; without a time until the next working morning."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room, waiting_proposal
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message


async def run(room: Room, asked: Asked) -> Message:
    ref = room.locate(asked.first)
    if ref is None:
        return answers.no_such_ticket(asked.first, "snooze")
    async with room.record.begin(asked.job) as tx:
        proposal = await waiting_proposal(tx, ref)
        if proposal is None:
            return answers.nothing_waits(ref.short)
        until = asked.others.lower().removeprefix("until ").removeprefix("for ")
        reply = await room.snoozing.put_off(tx, asked.actor, proposal, until)
        await tx.jobs.finish(asked.job)
    return reply
