"""`/triage approve <ticket>`: what the button does. The answer lists everything that is written."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room, waiting_proposal
from bot.service.deciding import Approve
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.blocks.operations import cut_comments, in_words, showable
from bot.slack.escape import mrkdwn


async def run(room: Room, asked: Asked) -> Message:
    ref = room.locate(asked.rest)
    if ref is None:
        return answers.no_such_ticket(asked.rest, "approve")
    async with room.record.begin(asked.job) as tx:
        proposal = await waiting_proposal(tx, ref)
        if proposal is None:
            return answers.nothing_waits(ref.short)
        if not showable(proposal.operations) or cut_comments(proposal.operations):
            return answers.said(f"{mrkdwn(ref.short)} writes more than a line can show: decide it on its card, please.")
        reply = await room.deciding.decide(tx, asked.actor, proposal, Approve())
        await tx.jobs.finish(asked.job)
    what = "; ".join(in_words(one) for one in proposal.operations)
    return reply or answers.said(f"Approved {mrkdwn(ref.short)}. Writing: {mrkdwn(what, 600)}. The card tells.")
