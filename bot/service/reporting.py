"""Somebody reports a card, decided or not: an incident is opened, and the operator is told. The card stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from bot.record.incidents import Wrong
from bot.record.record import Transaction
from bot.service.judging import Rules, audit
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.payloads import ReportForm
from bot.tasks import TellChannel
from graphs.acts import Action, human
from graphs.model import Actor, Proposal


class Reporting:
    def __init__(self, rules: Rules, redacted: Callable[[str], str]) -> None:
        self._rules = rules
        self._redacted = redacted

    async def report(self, tx: Transaction, actor: Actor, proposal: Proposal, form: ReportForm) -> Message:
        context = self._rules.approvers.asking(actor, kill_switch=self._rules.paused())
        permission = self._rules.gate.check(human(actor.user), Action.REPORT, proposal.target, context)
        if not permission.allowed:
            await audit(tx, actor, Action.REPORT, proposal, "report_refused", permission)
            return answers.may_not(permission.why, self._rules.who_can())
        number = await tx.incidents.open(proposal, Wrong(form.what), self._redacted(form.note), actor.user)
        short = proposal.target.short
        told = f"A card was reported as {form.what}: {short}. See `strata incidents list` (number {number})."
        await tx.jobs.add(TellChannel(text=told))
        await audit(tx, actor, Action.REPORT, proposal, "reported", permission)
        return answers.said("Thank you, the operator is told. The card stays: reject it if nobody should use it.")
