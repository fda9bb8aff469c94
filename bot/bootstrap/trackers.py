"""All trackers of the settings as one: which one a link shares, and every reader or writer behind one door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date

from bot.bootstrap.adapter import Shares
from bot.bootstrap.github import GitHubAdapter
from bot.bootstrap.gitlab import GitLabAdapter
from bot.bootstrap.jira import JiraAdapter
from bot.bootstrap.linear import LinearAdapter
from bot.bootstrap.zendesk import ZendeskAdapter
from bot.events import Change
from bot.service.arrivals import Install
from bot.settings import BadSetting, Settings
from bot.trackers.contract import BadLink, TrackerReader, Which
from graphs.capabilities import Capabilities
from graphs.errors import TrackerRefused
from graphs.model import InstallId, Millis, Ticket, TicketRef, TrackerName
from graphs.tools.read_comments import TicketComment

KnownAdapter = GitHubAdapter | GitLabAdapter | LinearAdapter | JiraAdapter | ZendeskAdapter
"""Each of them is a `bot.bootstrap.adapter.Adapter`."""


@dataclass(frozen=True)
class Trackers:
    """Every tracker there is an adapter for; those whose install has no projects are not set up."""

    adapters: tuple[KnownAdapter, ...]

    @property
    def in_use(self) -> tuple[KnownAdapter, ...]:
        return tuple(one for one in self.adapters if one.install.projects)

    @property
    def installs(self) -> tuple[Install, ...]:
        return tuple(one.install for one in self.in_use)

    def of(self, name: TrackerName) -> KnownAdapter:
        return next(one for one in self.adapters if one.install.provider == name)

    def capabilities(self, tracker: TrackerName) -> Capabilities:
        return self.of(tracker).capabilities

    def covering(self, project: str) -> KnownAdapter | None:
        """The first one whose install covers the project."""
        return next((one for one in self.in_use if one.install.covers(project)), None)

    def locate(self, text: str) -> TicketRef | None:
        """The ticket that a person shares by a link or a key; None for one that no install covers."""
        for one in self.in_use:
            try:
                link = one.link(text)
            except BadLink:
                continue
            if one.install.covers(link.project):
                return _ref(one, link.project, link.number)
        return None

    def named(self, text: str) -> TicketRef:
        """The same, also of a project that no install covers. Raises `bot.trackers.contract.BadLink`."""
        found = self.locate(text)
        if found is not None:
            return found
        first: BadLink | None = None
        for one in (*self.in_use, *self.adapters):
            try:
                link = one.link(text)
            except BadLink as error:
                first = first or error
            else:
                return _ref(one, link.project, link.number)
        raise first or BadLink("there is no tracker")

    @asynccontextmanager
    async def reading(self, shares: Shares) -> AsyncIterator[TrackerReader]:
        """The reading half of every tracker in use."""
        async with AsyncExitStack() as stack:
            readers = {one.install.id: await stack.enter_async_context(one.reading(shares)) for one in self.in_use}
            yield _Readers(readers)


class _Readers:
    """Implements `bot.trackers.contract.TrackerReader` by asking the reader of the ticket's install."""

    def __init__(self, readers: Mapping[InstallId, TrackerReader]) -> None:
        self._readers = readers

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._of(ref.install).read(ref)

    async def comments(self, ref: TicketRef) -> tuple[TicketComment, ...]:
        return tuple(await self._of(ref.install).comments(ref))

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._of(ref.install).labels(ref)

    def tickets(
        self, install: InstallId, project: str, since: date | None = None, which: Which = Which.OPEN
    ) -> AsyncIterator[tuple[TicketRef, ...]]:
        return self._of(install).tickets(install, project, since, which)

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        return self._of(install).changed_since(install, project, since)

    def _of(self, install: InstallId) -> TrackerReader:
        """A ticket can be older than the settings that its tracker stood in."""
        found = self._readers.get(install)
        if found is None:
            raise TrackerRefused(f"no tracker is set up any more as {install}")
        return found


def trackers(settings: Settings) -> Trackers:
    """Raises `BadSetting` where two trackers have one name."""
    found = Trackers(
        (
            GitHubAdapter(settings),
            GitLabAdapter(settings),
            LinearAdapter(settings),
            JiraAdapter(settings),
            ZendeskAdapter(settings),
        )
    )
    names = [one.id for one in found.installs]
    if len(set(names)) < len(names):
        twice = max(names, key=names.count)
        raise BadSetting(f"two trackers are named {twice}: give each *_INSTALL a name of its own")
    return found


def _ref(adapter: KnownAdapter, project: str, number: str) -> TicketRef:
    install = adapter.install
    return TicketRef(tracker=TrackerName(install.provider), install=install.id, project=project, number=number)
