"""The people of a measurement: they file tickets, see cards, press Approve, and look whether the label came.

All times are those of the local Slack and GitHub: when a card or a write reached them, not when somebody looked.
Must not look into the record.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.bench.figures import BenchFailed
from bot.bench.stage import file
from bot.demo.town import BOT_LOGIN, CHANNEL, Town
from bot.sandbox.slack.message import Message

APPROVER = "U01ONDUTY"
LOOK_S = 0.02
PATIENCE_S = 60.0
"""How long nothing at all may happen before the measurement is given up."""
_TICKET = re.compile(r"/([\w.-]+/[\w.-]+)/issues/(\d+)['\"|>]")


def ticket_of(message: Message) -> tuple[str, int] | None:
    """(repository, number) of the ticket that a card is about; None for what is no card."""
    named = _TICKET.search(repr(message.blocks)) if message.metadata else None
    return (named[1], int(named[2])) if named else None


@dataclass
class Case:
    """One ticket; times in seconds since 1970."""

    number: int
    filed_at: float
    card: Message | None = None
    clicked_at: float = 0.0
    written_at: float = 0.0

    @property
    def card_s(self) -> float:
        assert self.card is not None, "it was waited for"
        return float(self.card.ts) - self.filed_at

    @property
    def label_s(self) -> float:
        return self.written_at - self.clicked_at


@dataclass
class People:
    town: Town
    cases: dict[int, Case] = field(default_factory=dict)
    _messages: int = 0
    _writes: int = 0

    async def file(self) -> Case:
        now = time.time()
        number = await file(self.town.github, self.town.repository)
        self.cases[number] = Case(number, now)
        return self.cases[number]

    async def approve(self, case: Case) -> None:
        assert case.card is not None, "nobody approves what they have not seen"
        case.clicked_at = time.time()
        outcome = await self.town.slack.click(APPROVER, CHANNEL, case.card.ts, "approve", seen=case.card)
        if not outcome.acked:
            raise BenchFailed(f"a click was not acknowledged: {outcome.error}\n{self.town.bot.tail()}")

    def look(self) -> list[Case]:
        """Takes in what is new; returns the tickets whose card has just come."""
        self._see_writes()
        new = self.town.slack.messages(CHANNEL)[self._messages :]
        self._messages += len(new)
        return [case for message in new if (case := self._carded(message))]

    def _carded(self, message: Message) -> Case | None:
        repository, number = ticket_of(message) or ("", 0)
        case = self.cases.get(number) if repository == self.town.repository else None
        if case is not None and case.card is not None:
            raise BenchFailed(f"ticket {case.number} has two cards")
        if case is not None:
            case.card = message
        return case

    def _see_writes(self) -> None:
        """The first change to a ticket that the bot made is its layer's label."""
        writes = self.town.github.journal.writes
        for call in writes[self._writes :]:
            case = self.cases.get(call.number or 0)
            if case is not None and call.changed and call.login == BOT_LOGIN and not case.written_at:
                case.written_at = call.at
        self._writes = len(writes)

    async def until_card(self, case: Case) -> None:
        await self._until(lambda: case.card is not None, f"no card came for ticket {case.number}")

    async def until_written(self, case: Case) -> None:
        await self._until(lambda: bool(case.written_at), f"nothing was written to ticket {case.number}")

    async def _until(self, come: Callable[[], bool], otherwise: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not come():
                    self.look()
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise BenchFailed(f"{otherwise}\n{self.town.bot.tail()}") from None
