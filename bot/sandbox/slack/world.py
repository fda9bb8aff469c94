"""Everything one local Slack consists of while it runs; the methods, the people and the server share this value."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from bot.sandbox.slack.exchange import ResponseUrls, Triggers
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.store import Clock, Store
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.workspace import Workspace


@dataclass
class Changes:
    """Wakes those who wait for something to be different; they look again by themselves."""

    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def announce(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def next(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter


@dataclass
class World:
    workspace: Workspace
    clock: Clock = time.time
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    views: Views = field(default_factory=Views)
    changes: Changes = field(default_factory=Changes)
    port: int = 0
    socket_tickets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.store = Store(self.workspace, self.clock)
        self.triggers = Triggers(self.clock)
        self.response_urls = ResponseUrls(self.clock)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_origin(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def bot_message(self, channel: str, text: str) -> Message:
        """A message of the app, not yet said."""
        team = self.workspace
        ts = self.store.next_ts()
        return Message(channel, ts, team.bot.id, text, bot_id=team.bot_id, app_id=team.app_id, team=team.team_id)
