"""The menu of a card: opens the form of the verb that was chosen."""

from __future__ import annotations

from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.message import Json
from bot.slack.blocks.verbs import again_modal, ask_modal, duplicate_modal, hand_over_modal, snooze_modal
from bot.slack.front import Front, Openable
from bot.slack.ids import Action
from bot.slack.listeners.open_form import Draw, OpenForm
from bot.slack.payloads import parse_click


def _snooze(found: Openable) -> Json:
    return snooze_modal(found.view)


def _hand_over(found: Openable) -> Json:
    return hand_over_modal(found.view, found.owners)


def _duplicate(found: Openable) -> Json:
    return duplicate_modal(found.view)


def _ask(found: Openable) -> Json:
    return ask_modal(found.view, found.question)


def _again(found: Openable) -> Json:
    return again_modal(found.view)


DRAWN: Mapping[str, Draw] = {
    Action.SNOOZE: _snooze,
    Action.HAND_OVER: _hand_over,
    Action.DUPLICATE: _duplicate,
    Action.ASK: _ask,
    Action.AGAIN: _again,
}


class OpenMore:
    def __init__(self, front: Front) -> None:
        # Whoever may not decide may still report a card: that is judged when the form is sent off.
        self._forms = {verb: OpenForm(front, draw, deciding=verb != Action.AGAIN) for verb, draw in DRAWN.items()}

    async def __call__(self, ack: AsyncAck, body: dict[str, object], client: AsyncWebClient) -> None:
        await self._forms[parse_click(body).action_id](ack, body, client)
