"""Slack's parts: the client, who we are there, the desk that speaks, and the directory of people."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.bootstrap.core import Core
from bot.service.cards import Cards
from bot.service.editing import Editing
from bot.service.judging import Rules as VerdictRules
from bot.service.people import People
from bot.service.routing import Routes
from bot.settings import BadSetting, Settings
from bot.slack import desk as slack_desk
from bot.slack.desk import SlackDesk
from bot.slack.errors import SlackNotSetUp
from bot.slack.replies import Me
from bot.slack.socket import SocketDoor
from prompts.loader import load as load_prompt


@dataclass(frozen=True)
class SlackSide:
    """Shared by the roles of one process that speak to Slack."""

    client: AsyncWebClient
    me: Me
    desk: SlackDesk
    people: People
    cards: Cards
    editing: Editing


async def open_slack(core: Core) -> SlackSide:
    """Raises `BadSetting` when Slack does not take the token, `graphs.errors.Outage` when it cannot be reached."""
    settings = core.settings
    client = slack_desk.open_client(revealed(settings.slack_bot_token), settings.slack_api_url)
    me = await _who_am_i(client)
    desk = SlackDesk(client, me, core.shared.limits)
    return SlackSide(
        client=client,
        me=me,
        desk=desk,
        people=People(core.record, desk),
        cards=Cards(
            core.record,
            desk,
            core.card_key,
            core.taxonomy,
            Routes(settings.slack_channel, core.owners),
            core.approvers,
            lambda ref: core.trackers.capabilities(ref.tracker).on_cards,
        ),
        editing=Editing(
            core.taxonomy, core.owners, load_prompt("comment"), lambda text: core.redactor.redact(text).text
        ),
    )


async def _who_am_i(client: AsyncWebClient) -> Me:
    """A token that Slack does not take is a setting to mend."""
    try:
        return await slack_desk.who_am_i(client)
    except SlackNotSetUp as error:
        raise BadSetting(str(error)) from None


def verdict_rules(core: Core) -> VerdictRules:
    return VerdictRules(gate=core.gate, approvers=core.approvers, who_can=core.who_can, paused=core.paused)


def socket_door(settings: Settings, app: AsyncApp) -> SocketDoor | None:
    if settings.slack_app_token is None:
        return None
    return SocketDoor(app, revealed(settings.slack_app_token), settings.slack_api_url)


def revealed(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
