"""The executor: the one role that holds the write credential."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import assert_never

import httpx

from bot.bootstrap import pacing
from bot.bootstrap.adapter import Shares
from bot.bootstrap.core import Core
from bot.bootstrap.github import GitHubAdapter
from bot.bootstrap.gitlab import GitLabAdapter
from bot.bootstrap.jira import JiraAdapter
from bot.bootstrap.linear import LinearAdapter
from bot.bootstrap.trackers import KnownAdapter
from bot.bootstrap.zendesk import ZendeskAdapter
from bot.executor.execute import Executor, Rules
from bot.executor.port import TicketWriter
from bot.service.triaging import buried
from bot.trackers.credentials import Access
from bot.trackers.github.writer import GitHubWriter
from bot.trackers.gitlab.writer import GitLabWriter
from bot.trackers.jira.writer import JiraWriter
from bot.trackers.linear.writer import LinearWriter
from bot.trackers.transport import open_http
from bot.trackers.zendesk.writer import ZendeskWriter
from bot.work.worker import Handler, Worker
from graphs.model import InstallId


@asynccontextmanager
async def open_executor(core: Core) -> AsyncIterator[Worker]:
    """The writing half, with its own connection pools and its own credentials."""
    async with open_writers(core) as writers:
        rules = Rules(
            gate=core.gate,
            taxonomy=core.taxonomy,
            logins=core.logins,
            paused=core.paused,
            approval_max_age_s=core.approvers.apply_within_s,
        )
        executor = Executor(core.record, writers, core.marker, rules)
        handlers: dict[str, Handler] = {"execute_proposal": executor.handle}
        pace = pacing.pace(core.settings, poll_s=pacing.EXECUTOR_POLL_S)
        yield Worker(core.record, core.delivery, handlers, buried, pace, core.held)


@asynccontextmanager
async def open_writers(core: Core) -> AsyncIterator[Mapping[InstallId, TicketWriter]]:
    """The writing half of every tracker in use."""
    async with AsyncExitStack() as stack:
        found: dict[InstallId, TicketWriter] = {}
        for one in core.trackers.in_use:
            http = await stack.enter_async_context(open_http(one.api, allowed=core.shares.private))
            found[one.install.id] = _writer(one, http, core.shares)
        yield found


def _writer(adapter: KnownAdapter, http: httpx.AsyncClient, shares: Shares) -> TicketWriter:
    match adapter:
        case GitHubAdapter():
            return GitHubWriter(adapter.transport(http, shares, Access.WRITE), adapter.site)
        case GitLabAdapter():
            return GitLabWriter(adapter.transport(http, shares, Access.WRITE), adapter.site)
        case LinearAdapter():
            return LinearWriter(adapter.transport(http, shares, Access.WRITE), adapter.site)
        case JiraAdapter():
            return JiraWriter(adapter.transport(http, shares, Access.WRITE), adapter.site)
        case ZendeskAdapter():
            return ZendeskWriter(adapter.transport(http, shares, Access.WRITE), adapter.site)
    assert_never(adapter)
