"""Somebody opens the bot's Home tab: a worker draws it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.slack.front import Front
from bot.slack.payloads import parse_opened


class OpenHome:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, body: dict[str, object], next_: Callable[[], Awaitable[object]]) -> None:
        person = parse_opened(body)
        if person is not None:
            await self._front.draw_home(person)
        await next_()
