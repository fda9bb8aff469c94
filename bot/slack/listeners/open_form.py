"""Edit…, Reject… and Why: open a modal, drawn from the record alone, while the trigger is fresh."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.modals import edit_modal, notice_modal, reject_modal
from bot.slack.blocks.why import why_modal
from bot.slack.front import Front, Openable
from bot.slack.lint import fitted_view
from bot.slack.payloads import parse_click

Draw = Callable[[Openable], Json]


def draw_edit(found: Openable) -> Json:
    return edit_modal(found.view, found.owners)


def draw_reject(found: Openable) -> Json:
    return reject_modal(found.view)


def draw_why(found: Openable) -> Json:
    return why_modal(found.view)


class OpenForm:
    def __init__(self, front: Front, draw: Draw, *, deciding: bool) -> None:
        self._front = front
        self._draw = draw
        self._deciding = deciding

    async def __call__(self, ack: AsyncAck, body: dict[str, object], client: AsyncWebClient) -> None:
        click = parse_click(body)
        await ack()
        found = await self._front.openable(click, deciding=self._deciding)
        view = notice_modal("Not now", found.text) if isinstance(found, Message) else self._draw(found)
        try:
            await client.views_open(trigger_id=click.trigger_id, view=fitted_view(view))
        except SlackApiError as error:
            # The trigger lived three seconds. The card is untouched: the person can press again.
            text = "That took too long for Slack to open the form. Nothing was changed: please press again."
            if error.response.get("error") in {"expired_trigger_id", "invalid_trigger_id", "exchanged_trigger_id"}:
                await client.chat_postEphemeral(channel=click.channel, user=click.by.user, text=text)
            else:
                raise
