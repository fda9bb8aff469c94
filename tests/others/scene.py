"""What the stories before `emulate` do and see: people in our Slack, one project of that GitHub, and the bot."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

import httpx

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.server import LocalSlack
from tests.others.bots import CHANNEL, TITLE, Running, until
from tests.others.emulated import Project


@dataclass(frozen=True)
class Scene:
    slack: LocalSlack
    project: Project
    running: Running
    hook: int

    async def file_and_wait(self, title: str = TITLE) -> tuple[int, Message]:
        number = await self.project.file(title)
        return number, await self.slack.until(lambda: self._card(number), 30)

    def cards(self) -> list[Message]:
        return [one for one in self.slack.messages(CHANNEL) if one.metadata]

    def _card(self, number: int) -> Message | None:
        link = f"/{self.project.repo}/issues/{number}'"
        return next((one for one in self.cards() if link in repr(one.blocks[:1])), None)

    async def press(self, user: str, card: Message, action: str) -> None:
        outcome = await self.slack.click(user, CHANNEL, card.ts, action)
        assert outcome.acked, outcome.error

    async def card_says(self, card: Message, *words: str) -> str:
        def look() -> str | None:
            text = self.slack.message(CHANNEL, card.ts).all_text
            return text if all(word in text for word in words) else None

        return await self.slack.until(look, 30)

    async def form(self, user: str, card: Message, action: str) -> str:
        """Presses until the form opens: somebody new is asked to press again."""
        for _ in range(50):
            await self.press(user, card, action)
            view = (await self.slack.until(lambda: self.slack.open_views(user), 10))[-1]
            if view.body.get("callback_id") == f"{action}_form":
                return view.id
            await self.slack.close_view(user, view.id)
            await asyncio.sleep(0.05)
        raise AssertionError(f"the {action} form did not open")

    async def told(self, *names: str) -> list[str]:
        """Waits until GitHub has delivered all of these; then everything it has delivered."""

        async def look() -> list[str] | None:
            sent = await self.project.deliveries(self.hook)
            assert all(one.status_code == httpx.codes.ACCEPTED for one in sent), sent
            found = sorted(one.name for one in sent)
            return found if Counter(names) <= Counter(found) else None

        return await until(look)

    async def written(self, number: int) -> bool:
        """Whether anything at all was put on the ticket."""
        await self.running.quiet()
        issue, comments = await self.project.issue(number), await self.project.comments(number)
        return bool(issue.labels or issue.assignees or comments)
