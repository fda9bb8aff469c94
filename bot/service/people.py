"""Who is this? Slack's directory, remembered for a bounded time: nobody keeps a right that Slack has taken away."""

from __future__ import annotations

from bot.crash import reached
from bot.record.record import Record
from bot.service.desk import Desk
from bot.slack.errors import SlackRefused
from bot.tasks import Claimed, LookUpPerson
from graphs.model import Actor, SlackUserId

MAX_AGE_MS = 60_000


class People:
    def __init__(self, record: Record, desk: Desk) -> None:
        self._record = record
        self._desk = desk

    async def known(self, user: SlackUserId) -> Actor | None:
        """From the record alone, for whoever has no time to ask Slack."""
        async with self._record.read() as tx:
            return await tx.cards.person(user, MAX_AGE_MS)

    async def actor(self, user: SlackUserId, *, stranger: bool) -> Actor:
        """From the record or from Slack. `stranger` is what the signed payload says, and it can only add doubt."""
        found = await self.known(user)
        if found is None:
            try:
                found = await self._desk.person(user)
            except SlackRefused:
                found = Actor(user=user, team="", is_known=False)
            reached("person.asked")
            if found.is_known:
                async with self._record.begin() as tx:
                    await tx.cards.remember(found)
                reached("person.remembered")
        return found.model_copy(update={"is_stranger": found.is_stranger or stranger})

    async def look_up(self, job: Claimed) -> None:
        """Warms the record, so that a form can be opened for this person without asking Slack first."""
        assert isinstance(job.task, LookUpPerson)
        await self.actor(job.task.user, stranger=False)
