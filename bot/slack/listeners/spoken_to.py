"""The bot's name in a channel, or a message to it alone: the words of `/triage`. Stored; a worker answers.

Bolt acknowledges events before their listener runs. What must not be lost is therefore stored by a middleware, which
runs before that; when it fails, Slack gets an error and sends the event again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.slack.front import Front
from bot.slack.payloads import parse_said

DIRECT = "im"


class SpokenTo:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(
        self, body: dict[str, object], event: dict[str, object], next_: Callable[[], Awaitable[object]]
    ) -> None:
        if event.get("type") == "app_mention" or event.get("channel_type") == DIRECT:
            said = parse_said(body)
            if said is not None:
                await self._front.keep_command(said, body)
        await next_()


async def stored() -> None:
    """Nothing is left to be done here."""
