"""Local Slack and GitHub, and the bot's parts beside them in this process.

Owns the settings of what is measured in-process: they come from here alone, so that no environment and no `.env` of
whoever runs the bench can lead it to a real database or a real service.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.bench import tickets
from bot.bench.setup import UNLIMITED
from bot.bootstrap import Core, open_core
from bot.demo.town import environment
from bot.sandbox.github.access import Token
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import REPORTERS, TEAM, demo_repository
from bot.sandbox.slack.server import LocalSlack
from bot.settings import Settings
from graphs.model import InstallId, TicketRef, TrackerName


class Given(Settings):
    """Settings from arguments and from nowhere else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


@dataclass(frozen=True)
class Stage:
    slack: LocalSlack
    github: LocalGitHub
    repo: str
    core: Core

    def ref(self, number: int) -> TicketRef:
        install = InstallId(self.core.settings.github_install)
        return TicketRef(tracker=TrackerName.GITHUB, install=install, project=self.repo, number=str(number))

    async def file(self) -> int:
        """A ticket that nobody has touched; its number."""
        return await file(self.github, self.repo)

    async def file_half_done(self) -> int:
        """A ticket that wants one label: people have set its kind and its assignee."""
        number = await self.file()
        await self.github.label_as(self.repo, number, TEAM[0], "kind: bug")
        await self.github.assign_as(self.repo, number, TEAM[0], TEAM[0])
        return number

    def writing_token(self) -> str:
        """One more credential that may write, for somebody who is not our bot."""
        return self.github.grant(Token("plain[bot]", is_app=True, issues="write", repos=[self.repo]))

    def layer_labels(self, number: int) -> list[str]:
        return [one for one in self.github.issue(self.repo, number).labels if one.startswith("layer: ")]


async def file(github: LocalGitHub, repo: str) -> int:
    number = len(github.world.every_issue(repo)) + 1
    return await github.file(repo, REPORTERS[number % len(REPORTERS)], tickets.title(number), tickets.body(number))


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    async with LocalSlack() as slack, LocalGitHub() as github:
        repo = demo_repository(github)
        told = environment(slack, github, repo, folder) | UNLIMITED
        told |= {"STRATA_SECRET": secrets.token_hex(16)}
        known = {name.lower(): value for name, value in told.items() if name.lower() in Settings.model_fields}
        async with open_core(Given.model_validate(known)) as core:
            yield Stage(slack, github, repo, core)
