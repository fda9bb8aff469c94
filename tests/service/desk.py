"""Slack as the use-cases see it (`bot.service.desk.Desk`): remembers what was said to whom, fails when told to."""

from __future__ import annotations

from bot.slack.blocks.message import Json, Message
from graphs.model import Actor, SlackUserId, TriageId
from tests.builders import an_actor


class FakeDesk:
    def __init__(self) -> None:
        self.posted: list[tuple[str, Message]] = []
        self.updated: list[tuple[str, str, Message]] = []
        self.whispered: list[tuple[str, str, str]] = []
        self.published: list[tuple[str, Json]] = []
        self.replied: list[tuple[str, str, str]] = []
        """Channel, thread, text."""
        self.answered: list[tuple[str, str]] = []
        self.shown: list[Message] = []
        """What was answered, with its blocks."""
        self.directory: dict[str, Actor] = {}
        self.asked_about: list[str] = []
        self.broken: dict[str, Exception] = {}
        """By method: raised each time."""

    def _maybe(self, method: str) -> None:
        if method in self.broken:
            raise self.broken[method]

    async def post(self, channel: str, message: Message, thread: str | None = None) -> str:
        self._maybe("post")
        if thread:
            self.replied.append((channel, thread, message.text))
            return f"{thread}.{len(self.replied)}"
        self.posted.append((channel, message))
        return f"{len(self.posted)}.0"

    async def find(self, channel: str, triage: TriageId, thread: str | None = None) -> str | None:
        self._maybe("find")
        return None

    async def update(self, channel: str, ts: str, message: Message) -> None:
        self._maybe("update")
        self.updated.append((channel, ts, message))

    async def whisper(self, channel: str, user: SlackUserId, message: Message) -> None:
        self._maybe("whisper")
        self.whispered.append((channel, user, message.text))

    async def respond(self, response_url: str, message: Message) -> None:
        self._maybe("respond")
        self.answered.append((response_url, message.text))
        self.shown.append(message)

    async def publish(self, user: SlackUserId, view: Json) -> None:
        self._maybe("publish")
        self.published.append((user, view))

    async def person(self, user: SlackUserId) -> Actor:
        self.asked_about.append(user)
        self._maybe("person")
        return self.directory.get(user, an_actor(user))
