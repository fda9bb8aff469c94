"""The stage with a local Zendesk in place of the local GitHub. Owns starting and stopping."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.town import Bot, free_port, owners_known_as, slack_environment
from bot.sandbox.slack.server import LocalSlack
from bot.sandbox.zendesk import LocalZendesk, Token, demo_account

INSTALL = "zendesk"
BOT_LOGIN = "strata-bot"


@dataclass(frozen=True)
class ZendeskTown:
    """Implements `bot.demo.town.Stage`."""

    slack: LocalSlack
    tracker: LocalZendesk
    repository: str
    """The account's host."""
    bot: Bot
    secret: str
    """With which events are signed."""
    bot_login: str = BOT_LOGIN

    def connect_webhook(self) -> None:
        self.tracker.add_hook(self.repository, f"{self.bot.url}/hooks/zendesk/{INSTALL}", self.secret)

    def path_of(self, number: int) -> str:
        return f"/agent/tickets/{number}"


@asynccontextmanager
async def open_zendesk_town(folder: Path) -> AsyncIterator[ZendeskTown]:
    """Starts Slack and Zendesk and prepares the bot; `folder` holds the record. The bot is not running yet."""
    async with LocalSlack() as slack, LocalZendesk() as zendesk:
        place, port, secret = demo_account(zendesk), free_port(), secrets.token_hex(16)
        here = frozenset({place})
        env = slack_environment(slack, folder) | {
            "ZENDESK_URL": zendesk.url,
            "ZENDESK_INSTALL": INSTALL,
            "ZENDESK_READ_TOKEN": zendesk.grant(Token("strata-reader", here)),
            "ZENDESK_WRITE_TOKEN": zendesk.grant(Token(BOT_LOGIN, here, writes=True)),
            "ZENDESK_WEBHOOK_SECRET": secret,
            "STRATA_POLICIES": str(owners_known_as("zendesk", folder / "policies", zendesk.board.people)),
            "STRATA_PORT": str(port),
        }
        bot = Bot(port, env, folder)
        slack.request_url = f"{bot.url}/slack/events"
        try:
            yield ZendeskTown(slack, zendesk, place, bot, secret)
        finally:
            await bot.stop()
