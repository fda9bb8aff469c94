"""The stage with a local GitLab in place of the local GitHub. Owns starting and stopping."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.town import Bot, free_port, owners_known_as, slack_environment
from bot.sandbox.gitlab import LocalGitLab, Token, demo_project
from bot.sandbox.slack.server import LocalSlack

INSTALL = "gitlab"
BOT_LOGIN = "project_1_bot_0a1b2c"


@dataclass(frozen=True)
class GitLabTown:
    """Implements `bot.demo.town.Stage`."""

    slack: LocalSlack
    tracker: LocalGitLab
    repository: str
    bot: Bot
    secret: str
    """With which webhooks are signed."""
    bot_login: str = BOT_LOGIN

    def connect_webhook(self) -> None:
        self.tracker.add_hook(self.repository, f"{self.bot.url}/hooks/gitlab/{INSTALL}", self.secret)

    def path_of(self, number: int) -> str:
        return f"/{self.repository}/-/issues/{number}"


@asynccontextmanager
async def open_gitlab_town(folder: Path) -> AsyncIterator[GitLabTown]:
    """Starts Slack and GitLab and prepares the bot; `folder` holds the record. The bot is not running yet."""
    async with LocalSlack() as slack, LocalGitLab() as gitlab:
        project, port = demo_project(gitlab), free_port()
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        here = frozenset({project})
        env = slack_environment(slack, folder) | {
            "GITLAB_URL": gitlab.url,
            "GITLAB_PROJECTS": project,
            "GITLAB_INSTALL": INSTALL,
            "GITLAB_READ_TOKEN": gitlab.grant(Token("project_1_bot_reads", here)),
            "GITLAB_WRITE_TOKEN": gitlab.grant(Token(BOT_LOGIN, here, writes=True)),
            "GITLAB_WEBHOOK_SIGNING_TOKEN": secret,
            "STRATA_POLICIES": str(owners_known_as("gitlab", folder / "policies")),
            "STRATA_PORT": str(port),
        }
        bot = Bot(port, env, folder)
        slack.request_url = f"{bot.url}/slack/events"
        try:
            yield GitLabTown(slack, gitlab, project, bot, secret)
        finally:
            await bot.stop()
