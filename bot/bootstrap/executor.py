"""The executor: the one role that holds the write credential."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.bootstrap import pacing
from bot.bootstrap.core import Core
from bot.bootstrap.github import transport
from bot.executor.execute import Executor, Rules
from bot.service.triaging import buried
from bot.trackers.github.credentials import Access
from bot.trackers.github.transport import open_http
from bot.trackers.github.writer import GitHubWriter
from bot.work.worker import Handler, Worker
from graphs.model import InstallId


@asynccontextmanager
async def open_executor(core: Core) -> AsyncIterator[Worker]:
    """The writing half, with its own connection pool and its own credential."""
    async with open_http(core.site) as http:
        writer = GitHubWriter(transport(core, http, Access.WRITE), core.site)
        rules = Rules(
            gate=core.gate,
            taxonomy=core.taxonomy,
            logins=core.logins,
            paused=core.paused,
            approval_max_age_s=core.approvers.apply_within_s,
        )
        executor = Executor(core.record, {InstallId(core.settings.github_install): writer}, core.marker, rules)
        handlers: dict[str, Handler] = {"execute_proposal": executor.handle}
        pace = pacing.pace(core.settings, poll_s=pacing.EXECUTOR_POLL_S)
        yield Worker(core.record, core.delivery, handlers, buried, pace, core.held)
