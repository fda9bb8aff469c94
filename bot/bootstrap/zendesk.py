"""Zendesk: the account of the settings as a sender of webhooks, one token for reading, and one for writing."""

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
from bot.trackers.credentials import Access, StaticToken
from bot.trackers.transport import Transport, open_http
from bot.trackers.zendesk.capabilities import ZENDESK
from bot.trackers.zendesk.links import parse_link
from bot.trackers.zendesk.reader import ZendeskReader
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.webhook import ZendeskDoor
from bot.trackers.zendesk.wire import zendesk_budget, zendesk_transport
from graphs.capabilities import Capabilities
from graphs.model import InstallId, TrackerName

_NOWHERE = "https://zendesk.example.com"
"""Stands in links' error texts where no Zendesk is set up."""


@dataclass(frozen=True)
class ZendeskAdapter:
    """Implements `bot.bootstrap.adapter.Adapter`."""

    settings: Settings
    projects_setting = "ZENDESK_URL"

    @property
    def capabilities(self) -> Capabilities:
        return ZENDESK

    @property
    def site(self) -> ZendeskSite:
        return ZendeskSite(web=self.settings.zendesk_url or _NOWHERE)

    @property
    def install(self) -> Install:
        settings = self.settings
        secrets = (settings.zendesk_webhook_secret, settings.zendesk_webhook_secret_previous)
        return Install(
            id=InstallId(settings.zendesk_install),
            provider=TrackerName.ZENDESK,
            door=ZendeskDoor(self.site.project),
            secrets=tuple(one.get_secret_value() for one in secrets if one),
            projects=(self.site.project,) if settings.zendesk_url else (),
        )

    @property
    def api(self) -> str:
        return self.site.api

    def link(self, text: str) -> TicketLink:
        return parse_link(text, self.site)

    @asynccontextmanager
    async def reading(self, shares: Shares) -> AsyncIterator[TrackerReader]:
        async with open_http(self.api, allowed=shares.private) as http:
            yield ZendeskReader(self.transport(http, shares, Access.READ), self.site, shares.cache)

    def transport(self, http: httpx.AsyncClient, shares: Shares, access: Access) -> Transport:
        settings = self.settings
        token = settings.zendesk_write_token if access is Access.WRITE else settings.zendesk_read_token
        budget = zendesk_budget(shares.limits, settings.zendesk_install)
        return zendesk_transport(http, self.site, StaticToken(token or SecretStr("")), budget=budget)
