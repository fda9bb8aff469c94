"""The stage with a local Jira Cloud in place of the local GitHub. Owns starting and stopping."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.town import Bot, free_port, owners_known_as, slack_environment
from bot.sandbox.jira import LocalJira, Token, demo_project
from bot.sandbox.slack.server import LocalSlack

INSTALL = "jira"
BOT_LOGIN = "strata-app"


@dataclass(frozen=True)
class JiraTown:
    """Implements `bot.demo.town.Stage`."""

    slack: LocalSlack
    tracker: LocalJira
    repository: str
    """The project's key."""
    bot: Bot
    secret: str
    """With which webhooks are signed."""
    bot_login: str = BOT_LOGIN

    def connect_webhook(self) -> None:
        self.tracker.add_hook(self.repository, f"{self.bot.url}/hooks/jira/{INSTALL}", self.secret)

    def path_of(self, number: int) -> str:
        return f"/browse/{self.repository}-{number}"


@asynccontextmanager
async def open_jira_town(folder: Path) -> AsyncIterator[JiraTown]:
    """Starts Slack and Jira and prepares the bot; `folder` holds the record. The bot is not running yet."""
    async with LocalSlack() as slack, LocalJira() as jira:
        project, port, secret = demo_project(jira), free_port(), secrets.token_hex(16)
        here = frozenset({project})
        reads, writes = jira.grant(Token("strata-reader-app", here)), jira.grant(Token(BOT_LOGIN, here, writes=True))
        env = slack_environment(slack, folder) | {
            "JIRA_URL": jira.url,
            "JIRA_FLAVOUR": "cloud",
            "JIRA_PROJECTS": project,
            "JIRA_INSTALL": INSTALL,
            "JIRA_READ_TOKEN": f"reads@acme.example:{reads}",
            "JIRA_WRITE_TOKEN": f"writes@acme.example:{writes}",
            "JIRA_WEBHOOK_SECRET": secret,
            "STRATA_POLICIES": str(owners_known_as("jira", folder / "policies")),
            "STRATA_PORT": str(port),
        }
        bot = Bot(port, env, folder)
        slack.request_url = f"{bot.url}/slack/events"
        try:
            yield JiraTown(slack, jira, project, bot, secret)
        finally:
            await bot.stop()
