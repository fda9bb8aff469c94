"""The local GitHub as one object: start it, act as people do, read what is there, judge what the bot did.

Owns putting the parts together. Every act of a person fires the webhooks that github.com would fire.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Literal, Self

from bot.sandbox.github import journal
from bot.sandbox.github.access import Token, Tokens
from bot.sandbox.github.api.hooks import hook_shape
from bot.sandbox.github.apps import Apps, Installation
from bot.sandbox.github.call import Parts
from bot.sandbox.github.door import Door
from bot.sandbox.github.faults import Faults
from bot.sandbox.github.limits import Limits
from bot.sandbox.github.model import (
    Account,
    Happening,
    Issue,
    Label,
    LabelPolicy,
    Repository,
    UnknownAssignee,
)
from bot.sandbox.github.payloads import payload, ping
from bot.sandbox.github.people import People
from bot.sandbox.github.server import Loopback
from bot.sandbox.github.shapes import Shapes
from bot.sandbox.github.webhook_faults import WebhookScript
from bot.sandbox.github.webhooks import Delivery, Hook, Webhooks
from bot.sandbox.github.world import Fired, World
from bot.sandbox.traffic import Traffic, metered


class LocalGitHub(People):
    """`async with LocalGitHub() as github: ...`; `github.url` is the API's base address."""

    def __init__(
        self,
        *,
        port: int = 0,
        label_policy: LabelPolicy | Literal["strict", "create"] = LabelPolicy.STRICT,
        unknown_assignee: UnknownAssignee | Literal["reject", "drop"] = UnknownAssignee.REJECT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._port = port
        super().__init__(World(clock, LabelPolicy(label_policy), UnknownAssignee(unknown_assignee), self._fire))
        self.faults = Faults()
        self.journal = journal.Journal()
        self.limits = Limits(clock)
        self.tokens = Tokens()
        self.apps = Apps(clock)
        self.webhooks = Webhooks()
        self.traffic = Traffic()
        self._server: Loopback | None = None
        self._door: Door | None = None
        self._shapes = Shapes(self.world, "http://127.0.0.1:0")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Also after `stop`: on the same port, with everything still there, as after an outage."""
        self._server = Loopback(self._port)
        self._port = self._server.port
        self._shapes = Shapes(self.world, self._server.url)
        parts = Parts(self.world, self._shapes, self.tokens, self.apps, self.limits, self.webhooks)
        self._door = Door(parts, self.faults, self.journal)
        await self._server.start(metered(self._door.app(), self.traffic))

    async def stop(self) -> None:
        await self.webhooks.close()
        self.let_go()
        if self._server is not None:
            await self._server.stop()

    def let_go(self) -> None:
        """Ends every scripted fault, and breaks the connections that hang by one."""
        self.faults.clear()
        self.webhooks.script.clear()
        if self._door is not None:
            self._door.release.set()
            self._door.release = asyncio.Event()

    @property
    def url(self) -> str:
        assert self._server is not None, "start it first"
        return self._server.url

    @property
    def webhook_faults(self) -> WebhookScript:
        return self.webhooks.script

    # Setting up

    def add_repository(
        self, full_name: str, *, private: bool = False, collaborators: Iterable[str] = (), organization: bool = True
    ) -> Repository:
        owner, name = full_name.split("/")
        account = self.world.add_organization(owner) if organization else self.world.account(owner)
        people = frozenset(self.world.account(one).login.lower() for one in collaborators)
        repo = Repository(self.world.new_id(), account, name, private, people, self.world.clock())
        self.world.add_repository(repo)
        return repo

    def add_label(self, repo: str, name: str, *, color: str = "ededed", description: str | None = None) -> Label:
        """Quietly, without a webhook: as if it had always been there."""
        label = Label(self.world.new_id(), name, color, description)
        self.world.put_label(self.world.repository(repo).full_name, label)
        return label

    def account(self, login: str) -> Account:
        return self.world.account(login)

    def grant(self, token: Token) -> str:
        """Returns the secret for `Authorization: Bearer ...`."""
        self.world.account(token.login)
        return self.tokens.grant(token)

    def install_app(
        self,
        slug: str,
        public_key_pem: str,
        *,
        app_id: int,
        installation_id: int,
        repos: Sequence[str],
        permissions: Mapping[str, str] | None = None,
    ) -> Installation:
        """`permissions` defaults to what the bot's executor needs: issues write, metadata read."""
        granted = permissions or {"issues": "write", "metadata": "read"}
        one = Installation(installation_id, app_id, slug, public_key_pem, tuple(repos), granted, f"Iv1.local{app_id}")
        self.apps.install(one)
        return one

    def add_hook(
        self, repo: str, url: str, secret: str, events: Sequence[str] = ("issues", "issue_comment", "label")
    ) -> Hook:
        return self.webhooks.add(self.world.repository(repo).full_name, url, secret, tuple(events))

    # Webhooks

    async def ping(self, hook: Hook, by: str) -> None:
        body = ping(self._shapes, hook.repo, hook_shape(self._shapes.base, hook), by)
        self.webhooks.send(hook, "ping", body, "ping")

    async def redeliver(self, delivery_id: int) -> Delivery:
        """The same bytes, the same GUID, once more; returns when the receiver answered."""
        return await self.webhooks.redeliver(delivery_id)

    async def settle(self) -> None:
        """Returns when no webhook is on its way."""
        await self.webhooks.settle()

    # What is there

    def issues(self, repo: str) -> tuple[Issue, ...]:
        return self.world.issues(self.world.repository(repo).full_name)

    def history(self, repo: str, number: int) -> tuple[Happening, ...]:
        return self.issue(repo, number).history

    def labels(self, repo: str) -> frozenset[str]:
        return frozenset(one.name for one in self.world.labels(self.world.repository(repo).full_name))

    def deliveries(self, event: str | None = None) -> tuple[Delivery, ...]:
        """Oldest first; `event` with or without the action."""
        return tuple(one for one in self.webhooks.deliveries.values() if event in {None, one.event, one.name})

    # What the bot did

    def writes(self) -> tuple[journal.Call, ...]:
        """Every API call that wanted to change something, refused ones included."""
        return tuple(self.journal.writes)

    def writes_on(self, repo: str, number: int) -> tuple[journal.Call, ...]:
        return self.journal.on(repo, number)

    def writes_per_issue(self) -> dict[tuple[str, int], int]:
        """How many calls really changed something, per issue."""
        return self.journal.per_issue()

    def effects(self, repo: str, number: int) -> tuple[journal.Effect, ...]:
        """What API calls really changed on one issue."""
        return tuple(journal.effects(self.issue(repo, number)))

    def duplicate_writes(self) -> tuple[journal.Effect, ...]:
        """The same change made twice by the API, over all issues. Must be empty."""
        everywhere = [one for repo in self.world.repositories() for one in self.world.issues(repo.full_name)]
        return tuple(twice for issue in everywhere for twice in journal.duplicates(issue))

    # Inside

    def _fire(self, fired: Fired) -> None:
        wanted = [one for one in self.webhooks.hooks(fired.repo) if one.wants(fired.name)]
        if not wanted:
            return
        body = payload(self._shapes, fired)
        lane = f"{fired.repo}#{fired.issue.number if fired.issue else ''}"
        for hook in wanted:
            self.webhooks.send(hook, fired.name, body, lane)
