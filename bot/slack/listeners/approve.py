"""Approve, or one of the alternatives: store the click, acknowledge, let a worker decide."""

from __future__ import annotations

from slack_bolt.async_app import AsyncAck

from bot.slack.front import Front
from bot.slack.payloads import Click, parse_click


def click_id(click: Click) -> str:
    """The same press, delivered twice, has the same id."""
    return f"click:{click.action_id}:{click.value}:{click.by.user}:{click.action_ts}"[:255]


class Approve:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, ack: AsyncAck, body: dict[str, object]) -> None:
        await self._front.keep_verdict(click_id(parse_click(body)), body)
        await ack()
