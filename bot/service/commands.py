"""`/triage`: what a person asks for by typing."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.crash import reached
from bot.record.record import Record, Transaction
from bot.record.triages import Triage
from bot.service.desk import Desk
from bot.service.people import People
from bot.service.undoing import Undoing
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from bot.slack.payloads import Command, Home, is_stranger, parse_command
from bot.tasks import AnswerCommand, Asker, Claimed, TriageTicket
from graphs.acts import Action, human
from graphs.answers import Screened
from graphs.approvers import Approvers
from graphs.errors import StrataError
from graphs.model import InstallId, SlackUserId, TicketRef, TrackerName
from graphs.ports import Gatekeeper, Taxonomy
from graphs.state import Step

MOST_LISTED = 200
MOST_TOLD = 600
_ANY_TICKET = TicketRef(tracker=TrackerName.GITHUB, install=InstallId("-"), project="-", number="0")
"""What the gate is asked about when a command names no ticket."""

Locate = Callable[[str], TicketRef | None]
"""Understands a ticket's link or key; None for one that no tracker here has."""


@dataclass(frozen=True)
class Rules:
    gate: Gatekeeper
    approvers: Approvers
    taxonomy: Taxonomy
    locate: Locate
    who_can: Callable[[], tuple[SlackUserId, ...]]
    paused: Callable[[], bool]


class Commands:
    def __init__(self, record: Record, desk: Desk, people: People, home: Home, rules: Rules) -> None:
        self._record = record
        self._desk = desk
        self._people = people
        self._home = home
        self._rules = rules
        self._undoing = Undoing(rules)

    async def answer(self, job: Claimed) -> None:
        assert isinstance(job.task, AnswerCommand)
        async with self._record.read() as tx:
            command = parse_command(json.loads(await tx.inbox.body(job.task.delivery)))
        reply = await self._answer(job, command)
        if reply is not None:
            await self.respond(command.response_url or "", command.channel, command.by.user, reply)
            reached("command.answered")

    async def _answer(self, job: Claimed, command: Command) -> Message | None:
        word = command.text.lower()
        if word in ("", "help"):
            return answers.usage()
        verb, _, rest = command.text.partition(" ")
        if verb.lower() == "undo":
            return await self._undo(job, command, rest.strip())
        ref = None if word == "list" else self._rules.locate(command.text)
        refusal = await self._refusal(command, ref)
        reached("command.judged")
        if refusal is not None:
            return refusal
        if word == "list":
            async with self._record.read() as tx:
                return await self._waiting(tx)
        if ref is None:
            single = command.text.isalpha()
            return answers.unknown_word(command.text) if single else answers.not_a_ticket(command.text)
        await self._ask(job, command, ref)
        return None

    async def _undo(self, job: Claimed, command: Command, named: str) -> Message | None:
        ref = self._rules.locate(named) if named else None
        if ref is None:
            return answers.not_a_ticket(named) if named else answers.undo_what()
        actor = await self._people.actor(command.by.user, stranger=is_stranger(command.by, self._home))
        reached("command.judged")
        async with self._record.begin(job) as tx:
            return await self._undoing.asked(tx, actor, ref)

    async def _refusal(self, command: Command, ref: TicketRef | None) -> Message | None:
        actor = await self._people.actor(command.by.user, stranger=is_stranger(command.by, self._home))
        context = self._rules.approvers.asking(actor, kill_switch=self._rules.paused())
        permission = self._rules.gate.check(human(actor.user), Action.ASK_TRIAGE, ref or _ANY_TICKET, context)
        return None if permission.allowed else answers.may_not(permission.why, self._rules.who_can())

    async def _ask(self, job: Claimed, command: Command, ref: TicketRef) -> None:
        asker = Asker(
            user=command.by.user,
            team=command.by.team or "",
            channel=command.channel,
            response_url=command.response_url or "",
        )
        async with self._record.begin(job) as tx:
            task = TriageTicket(ref=ref, why="asked for in Slack", asker=asker)
            await tx.jobs.add(task, ticket=ref.key)
            await tx.jobs.finish(job)
        reached("command.queued")

    async def _waiting(self, tx: Transaction) -> Message:
        waiting = await tx.triages.waiting(MOST_LISTED)
        lines = [line for one in waiting[: answers.MOST_LISTED] if (line := await self._line(tx, one))]
        return answers.waiting(lines, total=len(waiting))

    async def _line(self, tx: Transaction, triage: Triage) -> answers.WaitingTicket | None:
        proposal = await tx.proposals.latest(triage.id)
        screened = await tx.triages.recall(triage.id, Step.SCREEN)
        if proposal is None or screened is None:
            return None
        ticket = Screened.model_validate_json(screened).ticket
        return answers.WaitingTicket(
            short=ticket.ref.short,
            url=ticket.url,
            title=ticket.title,
            layer_title=self._rules.taxonomy.layer_title(proposal.layer),
            waiting_since=proposal.created_at,
        )

    async def tell(self, asker: Asker, text: str) -> None:
        """A short answer to whoever asked for a triage."""
        await self.respond(asker.response_url, asker.channel, asker.user, answers.said(mrkdwn(text, MOST_TOLD)))

    async def respond(self, response_url: str, channel: str, user: SlackUserId, message: Message) -> None:
        """By the command's own address, or, where that has ended, by a whisper. A failure costs the answer only."""
        if response_url and await self._responded(response_url, message):
            return
        with suppress(StrataError):
            await self._desk.whisper(channel, user, message)

    async def _responded(self, response_url: str, message: Message) -> bool:
        """False where the address has ended: it lives for half an hour."""
        try:
            await self._desk.respond(response_url, message)
        except StrataError:
            return False
        return True
