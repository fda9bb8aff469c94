"""Asks the reporter: a person approves a question, and exactly that is posted as a comment.

A question is a proposal of its own beside the waiting one, with a digest of its own, approved by whoever sends the form
off. It goes the way of every write: gate, outbox, read back. The card goes on waiting.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.record.record import Transaction
from bot.service.editing import MAX_COMMENT
from bot.service.judging import Rules, audit, judge, refused
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from bot.tasks import ExecuteProposal
from graphs.acts import Action
from graphs.model import Actor, Approved, Comment, Millis, Proposal, SlackUserId
from graphs.proposing import digest_of, proposal_id


class AskingReporters:
    def __init__(self, rules: Rules, redacted: Callable[[str], str]) -> None:
        self._rules = rules
        self._redacted = redacted

    async def ask(self, tx: Transaction, actor: Actor, proposal: Proposal, question: str) -> Message:
        judged = await judge(tx, self._rules, actor, Action.ASK_REPORTER, proposal)
        if not judged.permission.allowed:
            return await refused(tx, self._rules, actor, Action.ASK_REPORTER, proposal, judged)
        text = self._redacted(question.strip())[:MAX_COMMENT]
        if not text:
            return answers.said("There was no question in it, so nothing is posted.")
        asked = question_of(proposal, text, actor.user, judged.now)
        if not await tx.proposals.add(asked):
            return answers.said("Exactly this was asked already.")
        if not await tx.proposals.decide(asked, Approved(by=actor.user, at=judged.now)):
            raise AssertionError("a proposal that was new a moment ago, in this transaction, has no decision")
        await tx.outbox.add(asked)
        ticket = asked.target.key
        await tx.jobs.add(ExecuteProposal(proposal=asked.id), ticket=ticket, key=f"execute:{asked.id}")
        await audit(tx, actor, Action.ASK_REPORTER, asked, "question_approved", judged.permission)
        return answers.said(f"Posting your question to {mrkdwn(asked.target.short)}. The card goes on waiting.")


def question_of(waiting: Proposal, text: str, by: SlackUserId, now: Millis) -> Proposal:
    """The same words asked twice make the same proposal. Pure."""
    operations = (Comment(body=text),)
    versions = {**waiting.versions, "asks": waiting.digest}
    return waiting.model_copy(
        update={
            "id": proposal_id(waiting.triage, "ask", waiting.id, text),
            "operations": operations,
            "digest": digest_of(waiting.target, waiting.seen, operations, versions),
            "versions": versions,
            "alternatives": (),
            "created_at": now,
            "edited_by": by,
            "replaces": None,
            "asks": waiting.id,
        }
    )
