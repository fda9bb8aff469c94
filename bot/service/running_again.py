"""Takes a waiting card back and reads its ticket anew, for a person who finds it out of date."""

from __future__ import annotations

from bot.record.record import Transaction
from bot.service.judging import Rules, audit, judge, refused
from bot.service.triaging import close_undecided
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from bot.tasks import TriageTicket
from graphs.acts import Action
from graphs.model import Actor, Proposal, Withdrawn


async def run_again(tx: Transaction, rules: Rules, actor: Actor, proposal: Proposal) -> Message:
    judged = await judge(tx, rules, actor, Action.RUN_AGAIN, proposal)
    if not judged.permission.allowed:
        return await refused(tx, rules, actor, Action.RUN_AGAIN, proposal, judged)
    why = "it is read anew, as a person asked"
    if not await close_undecided(tx, proposal, Withdrawn(at=judged.now, why=why)):
        raise AssertionError("the decision was free a moment ago, in this transaction")
    await tx.jobs.add(TriageTicket(ref=proposal.target, why="run again"), ticket=proposal.target.key)
    await audit(tx, actor, Action.RUN_AGAIN, proposal, "run_again", judged.permission)
    return answers.said(f"Reading {mrkdwn(proposal.target.short)} anew. A fresh card comes in a moment.")
