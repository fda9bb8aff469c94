"""Which GitHub: github.com, an enterprise server, or a local one.

Owns the two addresses of a GitHub (pages and API) and the rule that a token travels over TLS or stays on this machine.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from graphs.model import TicketRef, Value

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("write the address like https://github.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address must not hold a user, a query or a fragment")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("plain http would show the token to the network: use https")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class GitHubSite(Value):
    """Where people look at issues (`web`) and where programs do (`api`)."""

    web: Address = "https://github.com"
    api: Address = "https://api.github.com"

    @classmethod
    def enterprise(cls, web: str) -> GitHubSite:
        """GitHub Enterprise Server serves its API below its pages."""
        return cls(web=web, api=f"{web.rstrip('/')}/api/v3")

    @property
    def is_local(self) -> bool:
        return urlsplit(self.api).hostname in _LOOPBACK

    def page(self, ref: TicketRef) -> str:
        """The issue's page; built by us, because an address out of a payload is data."""
        return f"{self.web}/{ref.project}/issues/{ref.number}"
