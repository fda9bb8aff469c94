"""Which GitHub: github.com, an enterprise server, or a local one.

Owns the two addresses of a GitHub: pages and API.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.address import LOOPBACK, Address
from graphs.model import TicketRef, Value


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
        return urlsplit(self.api).hostname in LOOPBACK

    def page(self, ref: TicketRef) -> str:
        """The issue's page; built by us, because an address out of a payload is data."""
        return f"{self.web}/{ref.project}/issues/{ref.number}"
