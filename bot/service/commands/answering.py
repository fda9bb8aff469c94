"""Answers what a person typed: finds the command, asks the gate, runs it, and tells them.

A ticket's link or key without a word before it asks for a triage.
"""

from __future__ import annotations

import json
from contextlib import suppress

from bot.crash import reached
from bot.record.record import Record
from bot.service.commands.asking import Asked, Room, refusal
from bot.service.commands.registry import COMMANDS
from bot.service.desk import Desk
from bot.service.people import People
from bot.slack.blocks import answers, usage
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from bot.slack.payloads import Command, Home, is_stranger, parse_asked
from bot.tasks import AnswerCommand, Asker, Claimed, TriageTicket
from graphs.acts import Action
from graphs.errors import StrataError
from graphs.model import SlackUserId, TicketRef

MOST_TOLD = 600
DIRECT = "D"
"""How the id of a conversation between two begins."""


class Commands:
    def __init__(self, desk: Desk, people: People, home: Home, room: Room) -> None:
        self._desk = desk
        self._people = people
        self._home = home
        self._room = room

    @property
    def _record(self) -> Record:
        return self._room.record

    async def answer(self, job: Claimed) -> None:
        assert isinstance(job.task, AnswerCommand)
        async with self._record.read() as tx:
            command = parse_asked(json.loads(await tx.inbox.body(job.task.delivery)))
        reply = await self._answer(job, command)
        if reply is not None:
            await self.respond(command.response_url or "", command.channel, command.by.user, reply)
            reached("command.answered")

    async def _answer(self, job: Claimed, command: Command) -> Message | None:
        word, _, rest = command.text.partition(" ")
        verb = COMMANDS.get(word.lower() or "help")
        if verb is not None and word.lower() in ("", "help"):
            return usage.usage(everything=rest.strip().lower() == "all")  # whoever it is: nobody is asked for
        actor = await self._people.actor(command.by.user, stranger=is_stranger(command.by, self._home))
        reached("command.judged")
        if verb is None:
            return await self._triage(job, command, Asked(job, command, actor, command.text))
        no = refusal(self._room, actor, verb.action) if verb.action else None
        return no or await verb.run(self._room, Asked(job, command, actor, rest.strip()))

    async def _triage(self, job: Claimed, command: Command, asked: Asked) -> Message | None:
        ref = self._room.locate(command.text)
        no = refusal(self._room, asked.actor, Action.ASK_TRIAGE, ref)
        if no is not None:
            return no
        if ref is None:
            first = command.text.partition(" ")[0]
            typo = command.text.isalpha() or usage.nearest(first)
            return usage.unknown_word(first) if typo else answers.not_a_ticket(command.text)
        await self._ask(job, command, ref)
        return None

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

    async def tell(self, asker: Asker, text: str) -> None:
        """A short answer to whoever asked for a triage."""
        await self.respond(asker.response_url, asker.channel, asker.user, answers.said(mrkdwn(text, MOST_TOLD)))

    async def respond(self, response_url: str, channel: str, user: SlackUserId, message: Message) -> None:
        """By the command's own address, or, where that has ended, by a whisper. A failure costs the answer only."""
        if response_url and await self._responded(response_url, message):
            return
        with suppress(StrataError):
            if channel.startswith(DIRECT):
                await self._desk.post(channel, message)
            else:
                await self._desk.whisper(channel, user, message)

    async def _responded(self, response_url: str, message: Message) -> bool:
        """False where the address has ended: it lives for half an hour."""
        try:
            await self._desk.respond(response_url, message)
        except StrataError:
            return False
        return True
