"""Which Jira: one at atlassian.net, a server of one's own, or a local one. Owns its addresses and its flavour."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from bot.address import Address
from graphs.model import TicketRef, Value

_CLOUD_HOSTS = (".atlassian.net", ".jira.com")


class Flavour(StrEnum):
    CLOUD = "cloud"
    """REST v3: accounts have ids, texts are documents (ADF)."""
    DATA_CENTER = "data_center"
    """REST v2: accounts have names, texts are wiki markup."""

    @classmethod
    def of(cls, web: str) -> Flavour:
        """By the host: what Atlassian does not host is somebody's own server."""
        host = urlsplit(web).hostname or ""
        return cls.CLOUD if host.endswith(_CLOUD_HOSTS) else cls.DATA_CENTER


class JiraSite(Value):
    """`web` is where people look at issues; a server may live below a path."""

    web: Address
    flavour: Flavour
    gateway: Address | None = None
    """Where tokens with scopes are taken in place of `web`: `https://api.atlassian.com/ex/jira/<cloud id>`."""

    @property
    def is_cloud(self) -> bool:
        return self.flavour is Flavour.CLOUD

    @property
    def api(self) -> str:
        return f"{self.gateway or self.web}{self._rest}"

    @property
    def open_api(self) -> str:
        """Where anybody may ask without a token: the gateway takes nobody in."""
        return f"{self.web}{self._rest}"

    def page(self, ref: TicketRef) -> str:
        """The issue's page; built by us, because an address out of a payload is data."""
        return f"{self.web}/browse/{ref.project}-{ref.number}"

    @property
    def _rest(self) -> str:
        return f"/rest/api/{3 if self.is_cloud else 2}"
