"""The story: people file a dozen tickets, read the cards, approve, edit, reject, and some try what they may not.

Every act goes through signed requests, as in the real Slack and the real GitHub. What came of it is read from the
local Slack and GitHub, not from the bot.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.demo.report import Report
from bot.demo.town import BOT_LOGIN, CHANNEL, StageFailed, Town
from bot.sandbox.slack.message import Message
from bot.sandbox.stories import Story, stories
from bot.slack.blocks.as_text import as_text

TICKETS = 12
BY_COMMAND = 2
"""Filed before the webhook was connected, so only `/triage` finds them."""
CARD_S = 60.0
WRITE_S = 60.0
EDITOR, REJECTER, APPROVER, GUEST, STRANGER = "U04PRODLEAD", "U02MLLEAD", "U01ONDUTY", "U06GUEST", "U07STRANGER"

Tell = Callable[[str], None]


@dataclass
class _Ticket:
    number: int
    story: Story
    filed_at: float
    card: Message | None = None
    card_at: float = 0.0
    verdict: str = ""
    clicked_at: float = 0.0


@dataclass
class Play:
    """One run of the story."""

    town: Town
    tell: Tell
    show_cards: bool
    started: float = field(default_factory=time.time)
    tickets: list[_Ticket] = field(default_factory=list)
    refused: int = 0

    async def run(self) -> Report:
        """Raises `StageFailed` when a card or a write does not come."""
        chosen = [*stories()[:7], *stories()[-5:]][:TICKETS]
        for story in chosen[:BY_COMMAND]:
            await self._file(story)
        await self.town.bot.start()
        self.tell("The bot is running. Tickets are being filed.")
        self.town.connect_webhook()
        for story in chosen[BY_COMMAND:]:
            await self._file(story)
        for ticket in self.tickets[:BY_COMMAND]:
            await self._ask_for(ticket)
        for ticket in self.tickets:
            await self._card_of(ticket)
        await self._decide_all()
        await self._written()
        return self._report()

    async def _file(self, story: Story) -> None:
        number = await self.town.github.file(self.town.repository, story.author, story.title, story.body)
        self.tickets.append(_Ticket(number, story, time.time()))

    async def _ask_for(self, ticket: _Ticket) -> None:
        ticket.filed_at = time.time()
        key = f"{self.town.repository}#{ticket.number}"
        await self.town.slack.slash(APPROVER, CHANNEL, "/triage", key)

    async def _card_of(self, ticket: _Ticket) -> None:
        slack = self.town.slack
        try:
            ticket.card = await slack.until(lambda: self._find(ticket), CARD_S)
        except TimeoutError:
            raise StageFailed(f"no card came for #{ticket.number}\n{self.town.bot.tail()}") from None
        ticket.card_at = float(ticket.card.ts)
        waited = ticket.card_at - ticket.filed_at
        self.tell(f"  card for #{ticket.number} after {waited:.2f} s: {ticket.story.title[:60]}")
        if self.show_cards:
            self.tell(as_text(ticket.card.blocks) + "\n")

    def _find(self, ticket: _Ticket) -> Message | None:
        """The ticket's card, by the link in its header: further down it may link to other tickets."""
        link = f'/{self.town.repository}/issues/{ticket.number}"'
        for message in self.town.slack.messages(CHANNEL):
            if message.metadata and link in f"{message.blocks[:1]!r}".replace("'", '"'):
                return message
        return None

    async def _decide_all(self) -> None:
        self.tell("People decide.")
        first, *others = self.tickets
        await self._try_as(GUEST, first)
        await self._try_as(STRANGER, first)
        await self._approve(first)
        await self._again(first)
        for ticket in others[:2]:
            await self._edit(ticket)
        for ticket in others[2:4]:
            await self._reject(ticket)
        for ticket in others[4:]:
            await self._approve(ticket)

    async def _try_as(self, user: str, ticket: _Ticket) -> None:
        """Somebody presses Approve who may not; the answer is for their eyes only."""
        before = len(self.town.slack.ephemerals(user))
        await self._press(user, ticket, "approve")
        await self._told(user, before)

    async def _again(self, ticket: _Ticket) -> None:
        """A second press on the card as it was before it was decided."""
        assert ticket.card is not None, "it was waited for"
        before = len(self.town.slack.ephemerals(EDITOR))
        await self.town.slack.click(EDITOR, CHANNEL, ticket.card.ts, "approve", seen=ticket.card)
        await self._told(EDITOR, before)

    async def _told(self, user: str, before: int) -> None:
        slack = self.town.slack
        try:
            told = await slack.until(lambda: slack.ephemerals(user)[before:], WRITE_S)
        except TimeoutError:
            raise StageFailed(f"{user} was told nothing\n{self.town.bot.tail()}") from None
        self.refused += 1
        self.tell(f"  refused: {told[-1].text}")

    async def _press(self, user: str, ticket: _Ticket, action: str) -> None:
        assert ticket.card is not None, "it was waited for"
        outcome = await self.town.slack.click(user, CHANNEL, ticket.card.ts, action)
        if not outcome.acked:
            raise StageFailed(f"{action} on #{ticket.number} was not acknowledged: {outcome.error}")

    async def _approve(self, ticket: _Ticket) -> None:
        ticket.verdict, ticket.clicked_at = "approved", time.time()
        await self._press(APPROVER, ticket, "approve")

    async def _form(self, user: str, ticket: _Ticket, action: str) -> str:
        """Presses a button until its form opens: the first press of a new person is answered with a request to wait."""
        slack = self.town.slack
        for _ in range(20):
            await self._press(user, ticket, action)
            view = await slack.until(lambda: slack.open_views(user), WRITE_S)
            if view[-1].body.get("callback_id") == f"{action}_form":
                return view[-1].id
            await slack.close_view(user, view[-1].id)
            await asyncio.sleep(0.1)
        raise StageFailed(f"the {action} form of #{ticket.number} did not open\n{self.town.bot.tail()}")

    async def _edit(self, ticket: _Ticket) -> None:
        view = await self._form(EDITOR, ticket, "edit")
        ticket.verdict, ticket.clicked_at = "edited", time.time()
        changed = {"kind": {"choose_kind": "task"}, "owner": {"choose_owner": "ops-lead"}}
        await self._submit(EDITOR, view, changed)

    async def _reject(self, ticket: _Ticket) -> None:
        view = await self._form(REJECTER, ticket, "reject")
        ticket.verdict = "rejected"
        await self._submit(REJECTER, view, {"reason": {"choose_reason": "not_now"}})

    async def _submit(self, user: str, view: str, values: Mapping[str, Mapping[str, str]]) -> None:
        outcome = await self.town.slack.submit(user, view, values)
        if not outcome.acked or outcome.errors:
            raise StageFailed(f"a form was not accepted: {outcome.error} {outcome.errors}\n{self.town.bot.tail()}")

    async def _written(self) -> None:
        """Waits until every card says how its story ended."""
        slack = self.town.slack
        try:
            await slack.until(lambda: all(self._is_final(one) for one in self.tickets) or None, WRITE_S)
        except TimeoutError:
            late = [one.number for one in self.tickets if not self._is_final(one)]
            shown = "\n".join(one.all_text for one in slack.messages(CHANNEL)[:3])
            raise StageFailed(f"cards without an end: {late}\n{shown}\n{self.town.bot.tail()}") from None
        if self.show_cards:
            for ticket in self.tickets:
                assert ticket.card is not None, "it was waited for"
                self.tell(as_text(slack.message(CHANNEL, ticket.card.ts).blocks) + "\n")

    def _is_final(self, ticket: _Ticket) -> bool:
        assert ticket.card is not None, "it was waited for"
        text = self.town.slack.message(CHANNEL, ticket.card.ts).all_text
        if ticket.verdict == "rejected":
            return "Rejected" in text
        return "approved" in text.lower() and "Writing to the tracker" not in text

    def _report(self) -> Report:
        github, repo = self.town.github, self.town.repository
        effects = {one.number: github.effects(repo, one.number) for one in self.tickets}
        approved = [one for one in self.tickets if one.verdict in ("approved", "edited")]
        unapproved = [
            call for call in github.writes() if call.changed and not self._allowed(call.number, call.at, approved)
        ]
        first_writes = [self._first_write(one) - one.clicked_at for one in approved if effects[one.number]]
        counts = {word: sum(one.verdict == word for one in self.tickets) for word in ("approved", "edited", "rejected")}
        return Report(
            filed=len(self.tickets),
            proposed=sum(one.card is not None for one in self.tickets),
            written=sum(bool(found) for found in effects.values()),
            refused=self.refused,
            duplicate_writes=len(github.duplicate_writes()),
            unapproved_writes=len(unapproved),
            seconds_to_first_card=round(min(one.card_at for one in self.tickets) - self.started, 3),
            median_ticket_to_card_s=_median(one.card_at - one.filed_at for one in self.tickets),
            median_click_to_label_s=_median(first_writes),
            **counts,
        )

    @staticmethod
    def _allowed(number: int | None, at: float, approved: list[_Ticket]) -> bool:
        """A write is approved when somebody said yes to its ticket before it was made."""
        return any(one.number == number and one.clicked_at <= at for one in approved)

    def _first_write(self, ticket: _Ticket) -> float:
        calls = self.town.github.writes_on(self.town.repository, ticket.number)
        return min(call.at for call in calls if call.changed and call.login == BOT_LOGIN)


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


async def play(town: Town, tell: Tell, *, show_cards: bool) -> Report:
    """Runs the story once."""
    return await Play(town, tell, show_cards).run()
