"""`/triage reject <ticket> [why]`: what the form does. The first words may name its reason, such as `wrong layer`."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room, waiting_proposal
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.blocks.modals import NOTE_LIMIT
from bot.slack.blocks.words import REASON_WORDS
from bot.slack.escape import mrkdwn
from bot.slack.payloads import RejectForm
from graphs.model import RejectReason


async def run(room: Room, asked: Asked) -> Message:
    ref = room.locate(asked.first)
    if ref is None:
        return answers.no_such_ticket(asked.first, "reject")
    async with room.record.begin(asked.job) as tx:
        proposal = await waiting_proposal(tx, ref)
        if proposal is None:
            return answers.nothing_waits(ref.short)
        form = _understood(asked.others)
        reply = await room.deciding.decide(tx, asked.actor, proposal, form)
        await tx.jobs.finish(asked.job)
    return reply or answers.said(f"Rejected {mrkdwn(ref.short)}: {REASON_WORDS[form.reason]}. Nothing was written.")


def _understood(why: str) -> RejectForm:
    """A reason that is named stands first; the rest is the note."""
    for reason, words in REASON_WORDS.items():
        for name in (words, reason.replace("_", " "), words.removeprefix("a ")):
            if why.lower() == name or why.lower().startswith((f"{name} ", f"{name}:", f"{name},")):
                return RejectForm(reason=reason, note=why[len(name) :].strip(" :,")[:NOTE_LIMIT])
    return RejectForm(reason=RejectReason.OTHER, note=why[:NOTE_LIMIT])
