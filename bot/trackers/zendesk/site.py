"""Which Zendesk: an account's own address, or a local one. Owns its address and what stands below it."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.address import Address
from graphs.model import TicketRef, Value


class ZendeskSite(Value):
    web: Address

    @property
    def api(self) -> str:
        return f"{self.web}/api/v2"

    @property
    def project(self) -> str:
        """An account is one place: tickets are numbered through, whatever their brand or group. Named by its host."""
        return (urlsplit(self.web).hostname or "").lower()

    def page(self, ref: TicketRef) -> str:
        """The ticket's page; built by us, because an address out of a payload is data."""
        return f"{self.web}/agent/tickets/{ref.number}"
