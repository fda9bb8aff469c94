"""GitHub's parts: the account of the settings as a sender of webhooks, and the credential for reading or writing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot.bootstrap.adapter import Shares
from bot.service.arrivals import Install
from bot.settings import BadSetting, Settings
from bot.trackers.contract import TicketLink, TrackerReader
from bot.trackers.credentials import Access, Anonymous, StaticToken
from bot.trackers.github.budget import Budget
from bot.trackers.github.capabilities import GITHUB
from bot.trackers.github.credentials import AppIdentity, AppToken
from bot.trackers.github.credentials import BadKey as BadAppKey
from bot.trackers.github.links import parse_link
from bot.trackers.github.past import GitHubPast
from bot.trackers.github.reader import GitHubReader
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport, open_http
from bot.trackers.github.webhook import GitHubDoor
from bot.trackers.transport import Credential
from graphs.capabilities import Capabilities
from graphs.model import InstallId, TrackerName


@dataclass(frozen=True)
class GitHubAdapter:
    """Implements `bot.bootstrap.adapter.Adapter`."""

    settings: Settings
    projects_setting = "GITHUB_REPOSITORIES"

    @property
    def capabilities(self) -> Capabilities:
        return GITHUB

    @property
    def site(self) -> GitHubSite:
        return GitHubSite(web=self.settings.github_web_url, api=self.settings.github_api_url)

    @property
    def install(self) -> Install:
        settings = self.settings
        secrets = (settings.github_webhook_secret, settings.github_webhook_secret_previous)
        return Install(
            id=InstallId(settings.github_install),
            provider=TrackerName.GITHUB,
            door=GitHubDoor(),
            secrets=tuple(one.get_secret_value() for one in secrets if one),
            projects=settings.github_repositories,
        )

    @property
    def api(self) -> str:
        return self.site.api

    def link(self, text: str) -> TicketLink:
        return parse_link(text, self.site)

    @asynccontextmanager
    async def reading(self, shares: Shares) -> AsyncIterator[TrackerReader]:
        async with open_http(self.site, allowed=shares.private) as http:
            yield GitHubReader(self.transport(http, shares, Access.READ), self.site, shares.cache)

    def transport(self, http: httpx.AsyncClient, shares: Shares, access: Access) -> Transport:
        budget = Budget(shares.limits, self.settings.github_install)
        return Transport(http, self.site, self._credential(http, access), budget=budget)

    def _credential(self, http: httpx.AsyncClient, access: Access) -> Credential:
        """An app's token narrowed to `access` where an app is set up, else the token made for it."""
        settings = self.settings
        if settings.github_app_id and settings.github_app_private_key_file:
            identity = Transport(http, self.site, _app(settings.github_app_id, settings.github_app_private_key_file))
            return AppToken(identity, int(settings.github_app_installation_id), access)
        if access is Access.WRITE:
            return StaticToken(settings.github_write_token or SecretStr(""))
        # A public issue can be read by anybody.
        return StaticToken(settings.github_read_token) if settings.github_read_token else Anonymous()


def _app(app_id: str, file: Path) -> AppIdentity:
    try:
        return AppIdentity(app_id, SecretStr(file.read_text()))
    except (OSError, UnicodeDecodeError, BadAppKey) as error:
        raise BadSetting(f"GITHUB_APP_PRIVATE_KEY_FILE {file} holds no usable key ({type(error).__name__})") from None


@asynccontextmanager
async def open_past(settings: Settings) -> AsyncIterator[GitHubPast]:
    """Issues of any state, with the reading token where there is one; public repositories need none.

    Needs no record: it can be asked before the bot was ever started.
    """
    site = GitHubAdapter(settings).site
    async with open_http(site, allowed=settings.strata_private_networks) as http:
        token = settings.github_read_token
        yield GitHubPast(Transport(http, site, Anonymous() if token is None else StaticToken(token)))
