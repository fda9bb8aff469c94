"""One night: local Slack and GitHub, a bot process that may die at any moment, and people who do not give up.

Owns how people act through a bad connection: GitHub's deliveries that got no 2xx are sent again by hand, a press that
was not acknowledged is repeated. Must not look into the record: that is `account`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from bot.demo.town import CHANNEL, Town, free_port, open_town
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.stories import fake_secret
from tests.crash.bots import LOOK_S, BotProcess, Starter

ON_DUTY = "U01ONDUTY"
TITLE = "Search returns chunks of deleted files"
MAIL = "canary.reporter" + "@" + "acme-widgets.io"
SLIPPED = (fake_secret(), MAIL)
"""What people let slip in every ticket of a night, and nobody may ever see again."""
BODY = f"""The index keeps embeddings of files that were removed. Citations point to pages that are gone.

My token is {SLIPPED[0]}, write to {MAIL}."""
WRITE_TOKEN = "GITHUB_WRITE_TOKEN"
LEASE_S = "1"
PATIENCE_S = 90.0
T = TypeVar("T")


class Story(StrEnum):
    """How a ticket of the night is meant to end."""

    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    COMMANDED = "asked for by a command"
    CLOSED = "asked for by a command though it is closed"
    LISTED = "listed by a command"
    REFUSED = "first pressed by somebody who may not"
    UNREADABLE = "not readable for the bot"
    UNASSIGNABLE = "its owner cannot be assigned"
    UNSURE = "the answer to a write is lost"
    SLOW = "read slowly"
    NEW_LABEL = "its label has to be made"
    UNCARDED = "Slack never takes its card"
    PAUSED = "everything is paused while it is read"


@dataclass
class Case:
    """One ticket on its way."""

    number: int
    story: Story = Story.APPROVED
    clicked: bool = False
    """Somebody pressed."""
    acked: bool = False
    """Slack showed that person no error: from here on the decision must not be lost."""
    by: str = ON_DUTY
    """Who decides."""
    cards: int = 1
    """How many it gets."""
    steps: set[str] = field(default_factory=set)
    """What people have done already and do not do twice."""


class BotEnded(Exception):
    """The bot's process ended while somebody waited for it."""


@dataclass
class Night:
    town: Town
    bot: BotProcess
    record_url: str
    folder: Path
    cases: list[Case] = field(default_factory=list)
    others: list[BotProcess] = field(default_factory=list)
    """Processes beside `bot` on the same record."""
    hands: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """A person, however many tickets they have, fills in one form at a time."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that belong into no place where anything is kept or shown."""
        named = [value for name, value in self.town.bot.env.items() if name.endswith(("_TOKEN", "_SECRET"))]
        return (*named, *SLIPPED)

    def split(self) -> None:
        """From the next start on the agent runs without executor and without any credential to write."""
        bare = {name: value for name, value in self.bot.environment.items() if name != WRITE_TOKEN}
        self.bot = replace(self.bot, environment=bare, arguments=("run", "--no-executor"))

    def executor(self) -> BotProcess:
        """One more executor, not started. It is given nothing of Slack."""
        own = {name: value for name, value in self.town.bot.env.items() if not name.startswith("SLACK_")}
        one = BotProcess(self.bot.forker, self.folder, own, ("executor",))
        self.others.append(one)
        return one

    def second_bot(self) -> BotProcess:
        """Another bot on the same record, not started; Slack and GitHub speak to the first one."""
        port = free_port()
        environment = {**self.bot.environment, "STRATA_PORT": str(port)}
        self.others.append(replace(self.bot, environment=environment, url=f"http://127.0.0.1:{port}", pid=None))
        return self.others[-1]

    @property
    def next_number(self) -> int:
        """Of the ticket that is filed next."""
        return len(self.town.github.issues(self.town.repository)) + 1

    async def file(self, title: str = TITLE, story: Story = Story.APPROVED, by: str = ON_DUTY) -> Case:
        case = Case(self.next_number, story, by=by)
        self.cases.append(case)
        number = await self.town.github.file(self.town.repository, "reporter-1", title, BODY)
        assert number == case.number
        return case

    def cards(self, case: Case) -> list[Message]:
        link = f"/{self.town.repository}/issues/{case.number}'"
        return [one for one in self.town.slack.messages(CHANNEL) if one.metadata and link in repr(one.blocks[:1])]

    async def card(self, case: Case) -> Message:
        """Waits for the newest card. Raises `BotEnded`."""
        return (await self.until(lambda: self.cards(case)))[-1]

    async def press(self, case: Case, user: str, action: str = "approve") -> Outcome | None:
        """Presses once, with the card as it was first shown still on the screen; None where the button is gone."""
        card = await self.card(case)
        if action not in card.action_ids:
            return None
        return await self.town.slack.click(user, CHANNEL, card.ts, action, seen=card)

    async def approve(self, case: Case) -> None:
        """Presses once; the answer may get lost."""
        case.clicked = True
        outcome = await self.press(case, case.by)
        case.acked = case.acked or (outcome is not None and outcome.acked)

    def says(self, case: Case) -> str:
        cards = self.cards(case)
        return cards[-1].all_text if cards else ""

    async def shows(self, case: Case, words: str) -> None:
        """Waits until the card says so. Raises `BotEnded`."""
        await self.until(lambda: words in self.says(case))

    async def written(self, case: Case) -> None:
        """Waits until the card says that everything was written. Raises `BotEnded`."""
        await self.shows(case, "All of it is set")

    async def until(self, look: Callable[[], T | None]) -> T:
        """Looks again and again. Raises `BotEnded`, and fails when it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (seen := look()):
                    if not self.bot.running:
                        raise BotEnded
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            said = "\n---\n".join(self.says(one) for one in self.cases)
            raise AssertionError(f"nothing happened\ncards:\n{said}\nlog:\n{self.bot.tail()}") from None
        return seen

    async def redeliver(self, arrived: frozenset[str] = frozenset()) -> None:
        """What a person does in GitHub's list: everything without a 2xx is sent again, but what is known to be there.

        Deliveries that a test has dropped stay lost.
        """
        github = self.town.github
        await github.settle()
        fine = {one.guid for one in github.deliveries() if one.ok or one.status == "dropped"} | arrived
        lost = {one.guid: one.id for one in github.deliveries() if one.guid not in fine}
        for one in lost.values():
            await github.redeliver(one)

    async def finish(self, case: Case) -> None:
        """People go on until the ticket is done. Raises `BotEnded`."""
        await self.card(case)
        if not case.acked:
            await self.approve(case)
        await self.written(case)


@asynccontextmanager
async def open_night(folder: Path, forker: Starter, record_url: str, lease_s: str = LEASE_S) -> AsyncIterator[Night]:
    """The bot is not running yet; whatever still runs at the end is killed."""
    url = record_url or f"sqlite+aiosqlite:///{folder / 'record.db'}"
    async with open_town(folder, STRATA_RECORD_URL=url, STRATA_LEASE_S=lease_s) as town:
        bot = BotProcess(forker, folder, town.bot.env, ("run",), town.bot.url)
        town.connect_webhook()
        night = Night(town, bot, url, folder)
        try:
            yield night
        finally:
            for one in (night.bot, *night.others):
                if one.running:
                    await one.kill()
