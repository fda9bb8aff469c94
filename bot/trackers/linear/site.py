"""Which Linear: the service, or a local one. Owns its addresses and what stands below them."""

from __future__ import annotations

from bot.address import Address
from bot.trackers.origins import path_below
from graphs.model import Value


class LinearSite(Value):
    """`web` is where people look at issues, `api` where GraphQL is spoken."""

    web: Address = "https://linear.app"
    api: Address = "https://api.linear.app"

    def page(self, identifier: str, told: str) -> str:
        """The issue's page as Linear told it, which names the workspace, where that is below `web`; else a short one.

        An address out of an answer is data: one that leads elsewhere is not shown to anybody.
        """
        return told if path_below(told, self.web) else f"{self.web}/issue/{identifier}"
