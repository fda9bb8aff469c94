"""Linear's parts: the workspace of the settings as a sender of webhooks, and one key for reading, one for writing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import httpx
from pydantic import SecretStr

from bot.bootstrap.adapter import Shares
from bot.service.arrivals import Install
from bot.settings import Settings
from bot.trackers.contract import TicketLink, TrackerReader
from bot.trackers.credentials import Access, StaticToken
from bot.trackers.linear.capabilities import LINEAR
from bot.trackers.linear.links import parse_link
from bot.trackers.linear.reader import LinearReader
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.webhook import LinearDoor
from bot.trackers.linear.wire import LinearBudget, LinearTransport, linear_transport
from bot.trackers.transport import open_http
from graphs.capabilities import Capabilities
from graphs.model import InstallId, TrackerName


@dataclass(frozen=True)
class LinearAdapter:
    """Implements `bot.bootstrap.adapter.Adapter`."""

    settings: Settings
    projects_setting = "LINEAR_TEAMS"

    @property
    def capabilities(self) -> Capabilities:
        return LINEAR

    @property
    def site(self) -> LinearSite:
        return LinearSite(web=self.settings.linear_web_url, api=self.settings.linear_api_url)

    @property
    def install(self) -> Install:
        settings = self.settings
        secrets = (settings.linear_webhook_secret, settings.linear_webhook_secret_previous)
        return Install(
            id=InstallId(settings.linear_install),
            provider=TrackerName.LINEAR,
            door=LinearDoor(),
            secrets=tuple(one.get_secret_value() for one in secrets if one),
            projects=settings.linear_teams,
            answers=HTTPStatus.OK,  # Linear sends again whatever is answered otherwise
        )

    @property
    def api(self) -> str:
        return self.site.api

    def link(self, text: str) -> TicketLink:
        return parse_link(text, self.site)

    @asynccontextmanager
    async def reading(self, shares: Shares) -> AsyncIterator[TrackerReader]:
        async with open_http(self.api, allowed=shares.private) as http:
            yield LinearReader(self.transport(http, shares, Access.READ), self.site, shares.cache)

    def transport(self, http: httpx.AsyncClient, shares: Shares, access: Access) -> LinearTransport:
        settings = self.settings
        budget = LinearBudget(shares.limits, settings.linear_install)
        token = settings.linear_write_token if access is Access.WRITE else settings.linear_read_token
        return linear_transport(http, self.site, StaticToken(token or SecretStr("")), budget=budget)
