"""GitHub's parts: the account of the settings as a sender of webhooks, and the credential for reading or writing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot.bootstrap.core import Core
from bot.service.arrivals import Install
from bot.settings import BadSetting, Settings
from bot.trackers.github.backlog import GitHubBacklog
from bot.trackers.github.budget import Budget
from bot.trackers.github.credentials import Access, Anonymous, AppIdentity, AppToken, StaticToken
from bot.trackers.github.credentials import BadKey as BadAppKey
from bot.trackers.github.links import BadLink, parse_link
from bot.trackers.github.past import GitHubPast
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Credential, Transport, open_http
from bot.trackers.github.webhook import GitHubDoor
from graphs.model import InstallId, TicketRef, TrackerName


def transport(core: Core, http: httpx.AsyncClient, access: Access) -> Transport:
    budget = Budget(core.shared.limits, core.settings.github_install)
    return Transport(http, core.site, _credential(core, http, access), budget=budget)


def _credential(core: Core, http: httpx.AsyncClient, access: Access) -> Credential:
    """An app's token narrowed to `access` where an app is set up, else the token made for it."""
    settings = core.settings
    if settings.github_app_id and settings.github_app_private_key_file:
        identity = Transport(http, core.site, _app(settings.github_app_id, settings.github_app_private_key_file))
        return AppToken(identity, int(settings.github_app_installation_id), access)
    token = settings.github_read_token if access is Access.READ else settings.github_write_token
    return StaticToken(token or SecretStr(""))


def _app(app_id: str, file: Path) -> AppIdentity:
    try:
        return AppIdentity(app_id, SecretStr(file.read_text()))
    except (OSError, UnicodeDecodeError, BadAppKey) as error:
        raise BadSetting(f"GITHUB_APP_PRIVATE_KEY_FILE {file} holds no usable key ({type(error).__name__})") from None


def install_of(core: Core) -> Install:
    """The GitHub account of the settings, as a sender of webhooks."""
    settings = core.settings
    secrets = (settings.github_webhook_secret, settings.github_webhook_secret_previous)
    return Install(
        id=InstallId(settings.github_install),
        provider=TrackerName.GITHUB,
        door=GitHubDoor(),
        secrets=tuple(one.get_secret_value() for one in secrets if one),
        projects=settings.github_repositories,
    )


def locator(core: Core) -> Callable[[str], TicketRef | None]:
    """Finds the ticket that a person means by a link or a key."""
    install = install_of(core)

    def locate(text: str) -> TicketRef | None:
        try:
            link = parse_link(text, core.site)
        except BadLink:
            return None
        if not install.covers(link.project):
            return None
        return TicketRef(tracker=TrackerName.GITHUB, install=install.id, project=link.project, number=link.number)

    return locate


@asynccontextmanager
async def open_past(settings: Settings) -> AsyncIterator[GitHubPast]:
    """Issues of any state, with the reading token where there is one; public repositories need none.

    Needs no record: it can be asked before the bot was ever started.
    """
    site = GitHubSite(web=settings.github_web_url, api=settings.github_api_url)
    async with open_http(site) as http:
        token = settings.github_read_token
        yield GitHubPast(Transport(http, site, Anonymous() if token is None else StaticToken(token)))


@asynccontextmanager
async def open_backlog(core: Core, since: date | None = None) -> AsyncIterator[GitHubBacklog]:
    """The list of open tickets, filed on `since` or later, with the reading credential."""
    async with open_http(core.site) as http:
        yield GitHubBacklog(transport(core, http, Access.READ), since)
