"""Jira: the account of the settings as a sender of webhooks, and one credential for reading, one for writing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from bot.bootstrap.adapter import Shares
from bot.service.arrivals import Install
from bot.settings import JiraFlavour, Settings
from bot.trackers.contract import TicketLink, TrackerReader
from bot.trackers.credentials import Access, Anonymous, StaticToken
from bot.trackers.jira.capabilities import CLOUD, DATA_CENTER
from bot.trackers.jira.links import parse_link
from bot.trackers.jira.reader import JiraReader
from bot.trackers.jira.site import Flavour, JiraSite
from bot.trackers.jira.webhook import JiraDoor
from bot.trackers.jira.wire import jira_budget, jira_transport, open_transport
from bot.trackers.transport import Credential, Transport, open_http
from graphs.capabilities import Capabilities
from graphs.model import InstallId, TrackerName

_NOWHERE = "https://jira.example.com"
"""Stands in links' error texts where no Jira is set up."""


@dataclass(frozen=True)
class JiraAdapter:
    """Implements `bot.bootstrap.adapter.Adapter`."""

    settings: Settings
    projects_setting = "JIRA_PROJECTS"

    @property
    def capabilities(self) -> Capabilities:
        return CLOUD if self.site.is_cloud else DATA_CENTER

    @property
    def site(self) -> JiraSite:
        web, chosen = self.settings.jira_url or _NOWHERE, self.settings.jira_flavour
        flavour = Flavour.of(web) if chosen is JiraFlavour.AUTO else Flavour(chosen)
        return JiraSite(web=web, flavour=flavour, gateway=self.settings.jira_gateway or None)

    @property
    def install(self) -> Install:
        settings = self.settings
        secrets = (settings.jira_webhook_secret, settings.jira_webhook_secret_previous)
        return Install(
            id=InstallId(settings.jira_install),
            provider=TrackerName.JIRA,
            door=JiraDoor(),
            secrets=tuple(one.get_secret_value() for one in secrets if one),
            projects=settings.jira_projects if settings.jira_url else (),
        )

    @property
    def api(self) -> str:
        return self.site.api

    def link(self, text: str) -> TicketLink:
        return parse_link(text, self.site)

    @asynccontextmanager
    async def reading(self, shares: Shares) -> AsyncIterator[TrackerReader]:
        async with open_http(self.api, allowed=shares.private) as http:
            budget = jira_budget(shares.limits, self.settings.jira_install)
            anybody = open_transport(http, self.site, budget)
            yield JiraReader(self.transport(http, shares, Access.READ), anybody, self.site, shares.cache)

    def transport(self, http: httpx.AsyncClient, shares: Shares, access: Access) -> Transport:
        budget = jira_budget(shares.limits, self.settings.jira_install)
        return jira_transport(http, self.site, self._credential(access), budget=budget)

    def _credential(self, access: Access) -> Credential:
        settings = self.settings
        if access is Access.WRITE:
            return StaticToken(settings.jira_write_token or SecretStr(""))
        # A public issue can be read by anybody.
        return StaticToken(settings.jira_read_token) if settings.jira_read_token else Anonymous()
