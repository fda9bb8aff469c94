"""One tracker of the settings, ready to be opened for reading or for writing: what each vendor's file here provides."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import httpx

from bot.address import Network
from bot.cache import Cache
from bot.limits.rates import RateLimits
from bot.service.arrivals import Install
from bot.trackers.contract import TicketLink, TrackerReader
from bot.trackers.credentials import Access
from bot.trackers.transport import Transport
from graphs.capabilities import Capabilities


@dataclass(frozen=True)
class Shares:
    """What adapters share with the rest of the program."""

    limits: RateLimits
    cache: Cache | None = None
    private: tuple[Network, ...] = ()
    """Private networks that a tracker may stand in."""


class Adapter(Protocol):
    """Each half has its own connection pool and its own credential; the writers themselves are in `executor`."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def install(self) -> Install:
        """The account of the settings, as a sender of webhooks; without projects it covers nothing."""
        ...

    @property
    def projects_setting(self) -> str:
        """The environment variable that lists the projects."""
        ...

    def link(self, text: str) -> TicketLink:
        """Raises `bot.trackers.contract.BadLink`."""
        ...

    def reading(self, shares: Shares) -> AbstractAsyncContextManager[TrackerReader]:
        """Raises `bot.settings.BadSetting`."""
        ...

    @property
    def api(self) -> str:
        """Where requests go."""
        ...

    def transport(self, http: httpx.AsyncClient, shares: Shares, access: Access) -> Transport:
        """One half's way to the tracker. Raises `bot.settings.BadSetting`."""
        ...
