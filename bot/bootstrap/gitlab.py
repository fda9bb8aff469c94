"""GitLab's parts: the account of the settings as a sender of webhooks, and one token for reading, one for writing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from bot.bootstrap.adapter import Shares
from bot.service.arrivals import Install
from bot.settings import Settings
from bot.trackers.contract import TicketLink, TrackerReader
from bot.trackers.credentials import Access, Anonymous, StaticToken
from bot.trackers.gitlab.capabilities import GITLAB
from bot.trackers.gitlab.links import parse_link
from bot.trackers.gitlab.reader import GitLabReader
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.webhook import GitLabDoor
from bot.trackers.gitlab.wire import gitlab_budget, gitlab_transport
from bot.trackers.transport import Credential, Transport, open_http
from graphs.capabilities import Capabilities
from graphs.model import InstallId, TrackerName


@dataclass(frozen=True)
class GitLabAdapter:
    """Implements `bot.bootstrap.adapter.Adapter`."""

    settings: Settings
    projects_setting = "GITLAB_PROJECTS"

    @property
    def capabilities(self) -> Capabilities:
        return GITLAB

    @property
    def site(self) -> GitLabSite:
        return GitLabSite(web=self.settings.gitlab_url)

    @property
    def install(self) -> Install:
        settings = self.settings
        secrets = (
            settings.gitlab_webhook_signing_token,
            settings.gitlab_webhook_signing_token_previous,
            settings.gitlab_webhook_secret,
            settings.gitlab_webhook_secret_previous,
        )
        return Install(
            id=InstallId(settings.gitlab_install),
            provider=TrackerName.GITLAB,
            door=GitLabDoor(),
            secrets=tuple(one.get_secret_value() for one in secrets if one),
            projects=settings.gitlab_projects,
        )

    @property
    def api(self) -> str:
        return self.site.api

    def link(self, text: str) -> TicketLink:
        return parse_link(text, self.site)

    @asynccontextmanager
    async def reading(self, shares: Shares) -> AsyncIterator[TrackerReader]:
        async with open_http(self.api, allowed=shares.private) as http:
            yield GitLabReader(self.transport(http, shares, Access.READ), self.site, shares.cache)

    def transport(self, http: httpx.AsyncClient, shares: Shares, access: Access) -> Transport:
        budget = gitlab_budget(shares.limits, self.settings.gitlab_install)
        return gitlab_transport(http, self.site, self._credential(access), budget=budget)

    def _credential(self, access: Access) -> Credential:
        settings = self.settings
        if access is Access.WRITE:
            return StaticToken(settings.gitlab_write_token or SecretStr(""))
        # A public issue can be read by anybody.
        return StaticToken(settings.gitlab_read_token) if settings.gitlab_read_token else Anonymous()
