"""The stage with a local Linear in place of the local GitHub. Owns starting and stopping."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.town import Bot, free_port, owners_known_as, slack_environment
from bot.sandbox.linear import LocalLinear, Token, demo_team
from bot.sandbox.slack.server import LocalSlack

INSTALL = "linear"
BOT_LOGIN = "triage"


@dataclass(frozen=True)
class LinearTown:
    """Implements `bot.demo.town.Stage`."""

    slack: LocalSlack
    tracker: LocalLinear
    repository: str
    bot: Bot
    secret: str
    """With which webhooks are signed."""
    bot_login: str = BOT_LOGIN

    def connect_webhook(self) -> None:
        self.tracker.add_hook(self.repository, f"{self.bot.url}/hooks/linear/{INSTALL}", self.secret)

    def path_of(self, number: int) -> str:
        return f"/acme/issue/{self.repository}-{number}"


@asynccontextmanager
async def open_linear_town(folder: Path) -> AsyncIterator[LinearTown]:
    """Starts Slack and Linear and prepares the bot; `folder` holds the record. The bot is not running yet."""
    async with LocalSlack() as slack, LocalLinear() as linear:
        team, port, secret = demo_team(linear), free_port(), secrets.token_hex(32)
        here = frozenset({team})
        env = slack_environment(slack, folder) | {
            "LINEAR_API_URL": linear.url,
            "LINEAR_WEB_URL": linear.url,
            "LINEAR_TEAMS": team,
            "LINEAR_INSTALL": INSTALL,
            "LINEAR_READ_TOKEN": linear.grant(Token("triage-reads", here)),
            "LINEAR_WRITE_TOKEN": linear.grant(Token(BOT_LOGIN, here, writes=True)),
            "LINEAR_WEBHOOK_SECRET": secret,
            "STRATA_POLICIES": str(owners_known_as("linear", folder / "policies")),
            "STRATA_PORT": str(port),
        }
        bot = Bot(port, env, folder)
        slack.request_url = f"{bot.url}/slack/events"
        try:
            yield LinearTown(slack, linear, team, bot, secret)
        finally:
            await bot.stop()
