"""A person pressed a button of a card or sent off one of its forms: understood here, done by the use-case it asks for.

The click was stored before Slack got its answer; this is what a worker does with it afterwards. The gate judges in the
transaction that holds what follows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import assert_never

from bot.crash import reached
from bot.record.record import Record, Transaction
from bot.service.asking import AskingReporters
from bot.service.deciding import Approve, Deciding, Instead
from bot.service.desk import Desk
from bot.service.handing_over import HandingOver
from bot.service.judging import Rules
from bot.service.people import People
from bot.service.reporting import Reporting
from bot.service.running_again import run_again
from bot.service.snoozing import Snoozing
from bot.service.undoing import Undoing
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.errors import SlackRefused
from bot.slack.escape import one_line
from bot.slack.ids import INSTEAD, CardKey
from bot.slack.ids import Action as Button
from bot.slack.payloads import (
    AskForm,
    Click,
    EditForm,
    Form,
    HandOverForm,
    Home,
    RejectForm,
    ReportForm,
    RunAgainForm,
    SnoozeForm,
    Submission,
    is_stranger,
    parse_click,
    parse_submission,
)
from bot.slack.shapes import PayloadError
from bot.tasks import Claimed, TakeVerdict
from graphs.errors import Outage, RateLimited
from graphs.model import Actor, Proposal


@dataclass(frozen=True)
class Undo:
    """What was written is to be taken back."""


Wish = Approve | Instead | Undo | Form
"""What a press or a form asks for."""


@dataclass(frozen=True)
class Verbs:
    """What can be done with a card, one use-case each."""

    deciding: Deciding
    undoing: Undoing
    snoozing: Snoozing
    handing_over: HandingOver
    asking: AskingReporters
    reporting: Reporting
    rules: Rules

    async def carry_out(  # noqa: PLR0911  # one return per wish
        self, tx: Transaction, actor: Actor, proposal: Proposal, wish: Wish
    ) -> Message | None:
        """What the person is told; None when it is under way, for then the card says so."""
        match wish:
            case Approve() | Instead() | EditForm() | RejectForm():
                return await self.deciding.decide(tx, actor, proposal, wish)
            case Undo():
                return await self.undoing.pressed(tx, actor, proposal)
            case SnoozeForm(until=until):
                return await self.snoozing.put_off(tx, actor, proposal, until)
            case HandOverForm():
                return await self.handing_over.pass_on(tx, actor, proposal, wish)
            case AskForm(question=question):
                return await self.asking.ask(tx, actor, proposal, question)
            case RunAgainForm():
                return await run_again(tx, self.rules, actor, proposal)
            case ReportForm():
                return await self.reporting.report(tx, actor, proposal, wish)
        assert_never(wish)


class Verdicts:
    def __init__(self, record: Record, desk: Desk, people: People, key: CardKey, home: Home, verbs: Verbs) -> None:
        self._record = record
        self._desk = desk
        self._people = people
        self._key = key
        self._home = home
        self._verbs = verbs

    async def take(self, job: Claimed) -> None:
        assert isinstance(job.task, TakeVerdict)
        async with self._record.read() as tx:
            body: object = json.loads(await tx.inbox.body(job.task.delivery))
        act: Click | Submission = parse_submission(body) if _is_form(body) else parse_click(body)
        named = self._key.open(act.value)
        channel = act.channel if isinstance(act, Click) else ""
        if named is None:
            await self._whisper(channel, act, answers.unknown_card())
            return
        actor = await self._people.actor(act.by.user, stranger=is_stranger(act.by, self._home))
        wish = act.form if isinstance(act, Submission) else _pressed(act)
        reached("decision.judging")
        async with self._record.begin(job) as tx:
            proposal = await tx.proposals.get(named)
            card = await tx.cards.get(proposal.triage) if proposal else None
            reply = await self._verbs.carry_out(tx, actor, proposal, wish) if proposal else answers.unknown_card()
            await tx.jobs.finish(job)
            reached("decision.uncommitted")
        if reply is None:
            reached("decision.committed")
        else:
            reached("decision.refused")
            await self._whisper(channel or (card.channel if card else ""), act, reply)

    async def _whisper(self, channel: str, act: Click | Submission, message: Message) -> None:
        """Tells one person; when that fails nothing is lost, the card says it too."""
        if not channel:
            return
        try:
            await self._desk.whisper(channel, act.by.user, message)
        except (SlackRefused, RateLimited, Outage):
            return


def _pressed(click: Click) -> Approve | Instead | Undo:
    """What a button asks for. Raises `PayloadError` for what decides nothing."""
    if click.action_id == Button.UNDO:
        return Undo()
    if click.action_id == Button.APPROVE:
        return Approve()
    for number, one in enumerate(INSTEAD):
        if click.action_id == one:
            return Instead(number)
    raise PayloadError(f"button press: {one_line(click.action_id, 40)} decides nothing")


def _is_form(body: object) -> bool:
    return isinstance(body, dict) and body.get("type") == "view_submission"
