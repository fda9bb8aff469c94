"""What the use-cases need of Slack, as a protocol. Implemented in `bot.slack.desk`, faked by hand in tests."""

from __future__ import annotations

from typing import Protocol

from bot.slack.blocks.message import Json, Message
from graphs.model import Actor, SlackUserId, TriageId


class Desk(Protocol):
    """Every method raises `bot.slack.errors.SlackRefused`, or `graphs.errors.RateLimited` when Slack asks to wait."""

    async def post(self, channel: str, message: Message, thread: str | None = None) -> str:
        """Posts once and returns the message's timestamp. Never retries. Raises `PostUnknown`.

        `thread`: the timestamp of the message that it answers.
        """
        ...

    async def find(self, channel: str, triage: TriageId, thread: str | None = None) -> str | None:
        """Timestamp of the card of this triage, found by its metadata in the channel's history, or in a thread."""
        ...

    async def update(self, channel: str, ts: str, message: Message) -> None: ...

    async def whisper(self, channel: str, user: SlackUserId, message: Message) -> None:
        """Shows something to one person only."""
        ...

    async def respond(self, response_url: str, message: Message) -> None:
        """Answers a slash command in the place where it was typed, to that person only."""
        ...

    async def publish(self, user: SlackUserId, view: Json) -> None:
        """Shows this as the person's Home tab."""
        ...

    async def person(self, user: SlackUserId) -> Actor:
        """What Slack's directory says of somebody; `is_known` is False where it says nothing."""
        ...
