"""One night: local Slack and GitHub, a bot process that may die at any moment, and people who do not give up.

Owns how people act through a bad connection: GitHub's deliveries that got no 2xx are sent again by hand, a press that
was not acknowledged is repeated. Must not look into the record: that is `account`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from bot.demo.town import CHANNEL, Town, free_port, open_town
from bot.sandbox.slack.message import Message
from tests.crash.bots import LOOK_S, BotProcess, Starter

ON_DUTY = "U01ONDUTY"
TITLE = "Search returns chunks of deleted files"
BODY = "The index keeps embeddings of files that were removed. Citations point to pages that are gone."
WRITE_TOKEN = "GITHUB_WRITE_TOKEN"
LEASE_S = "1"
PATIENCE_S = 40.0
T = TypeVar("T")


class BotEnded(Exception):
    """The bot's process ended while somebody waited for it."""


@dataclass
class Case:
    """One ticket on its way."""

    number: int
    clicked: bool = False
    """Somebody pressed Approve."""
    acked: bool = False
    """Slack showed that person no error: from here on the decision must not be lost."""


@dataclass
class Night:
    town: Town
    bot: BotProcess
    record_url: str
    folder: Path
    cases: list[Case] = field(default_factory=list)
    others: list[BotProcess] = field(default_factory=list)
    """Processes beside `bot` on the same record."""

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

    async def file(self, title: str = TITLE) -> Case:
        number = await self.town.github.file(self.town.repository, "reporter-1", title, BODY)
        self.cases.append(Case(number))
        return self.cases[-1]

    def cards(self, case: Case) -> list[Message]:
        link = f"/{self.town.repository}/issues/{case.number}'"
        return [one for one in self.town.slack.messages(CHANNEL) if one.metadata and link in repr(one.blocks)]

    async def card(self, case: Case) -> Message:
        """Waits for the card. Raises `BotEnded`."""
        return (await self.until(lambda: self.cards(case)))[0]

    async def approve(self, case: Case) -> None:
        """Presses once, with the card as it was first shown still on the screen; the answer may get lost."""
        card = await self.card(case)
        if "approve" not in card.action_ids:
            return
        case.clicked = True
        outcome = await self.town.slack.click(ON_DUTY, CHANNEL, card.ts, "approve", seen=card)
        case.acked = case.acked or outcome.acked

    def says(self, case: Case) -> str:
        cards = self.cards(case)
        return cards[0].all_text if cards else ""

    async def written(self, case: Case) -> None:
        """Waits until the card says that everything was written. Raises `BotEnded`."""
        await self.until(lambda: "All of it is set" in self.says(case))

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

    async def redeliver(self) -> None:
        """What a person does in GitHub's list of deliveries: everything without a 2xx is sent again."""
        github = self.town.github
        await github.settle()
        fine = {one.guid for one in github.deliveries() if one.ok}
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
