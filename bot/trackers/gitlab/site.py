"""Which GitLab: gitlab.com, a server of one's own, or a local one. Owns its address and what stands below it."""

from __future__ import annotations

from bot.address import Address
from graphs.model import TicketRef, Value


class GitLabSite(Value):
    """`web` is where people look at issues; a server may live below a path."""

    web: Address = "https://gitlab.com"

    @property
    def api(self) -> str:
        return f"{self.web}/api/v4"

    def page(self, ref: TicketRef) -> str:
        """The issue's page; built by us, because an address out of a payload is data."""
        return f"{self.web}/{ref.project}/-/issues/{ref.number}"
