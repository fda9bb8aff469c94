"""Posts a backtest to Slack, as the bot. Owns the way there; what it says is `bot.evaluation.backtest_message`'s."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bot.evaluation.backtest_message import backtest_message
from bot.settings import BadSetting, Settings
from bot.slack import desk as slack_desk
from bot.slack.desk import SlackDesk
from bot.slack.errors import SlackNotSetUp
from graphs.evaluation.backtest.result import Backtest
from graphs.hygiene.redact import Redactor


def redacting() -> Callable[[str], str]:
    """The redactor of everything else that goes to Slack, with a key of its own: a message refers to no other."""
    redactor = Redactor(secrets.token_bytes(32))
    return lambda text: redactor.redact(text).text


async def post(settings: Settings, channel: str, found: Backtest) -> str:
    """The message's timestamp. Raises `BadSetting` for a token or channel that Slack does not know, `SlackRefused`,
    `graphs.errors.Outage` when Slack cannot be reached."""
    if settings.slack_bot_token is None:
        raise BadSetting("SLACK_BOT_TOKEN is needed to post to Slack")
    client = slack_desk.open_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        desk = SlackDesk(client, await slack_desk.who_am_i(client))
        return await desk.post(channel, backtest_message(found, redacting()))
    except SlackNotSetUp as error:
        raise BadSetting(f"--to-slack {channel}: {error}") from None
