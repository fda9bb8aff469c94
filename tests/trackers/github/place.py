"""A local GitHub with one repository, and our reader and writer in front of it, each with a token of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from bot.sandbox.github import LabelPolicy, LocalGitHub, Token, UnknownAssignee, demo_repository
from bot.trackers.credentials import StaticToken
from bot.trackers.github.reader import GitHubReader
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport, open_http
from bot.trackers.github.writer import GitHubWriter
from graphs.model import InstallId, TicketRef, TrackerName

BOT = "strata[bot]"


@dataclass
class Place:
    github: LocalGitHub
    repo: str
    site: GitHubSite
    http: httpx.AsyncClient
    reader: GitHubReader
    writer: GitHubWriter

    def ref(self, number: int, project: str | None = None) -> TicketRef:
        project = project or self.repo
        return TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project=project, number=str(number))

    async def filed(self, title: str = "Answers are cut off", labels: Sequence[str] = ()) -> TicketRef:
        return self.ref(await self.github.file(self.repo, "reporter-1", title, "since Monday", labels))

    def transport(self, token: Token) -> Transport:
        return Transport(self.http, self.site, StaticToken(SecretStr(self.github.grant(token))))


@asynccontextmanager
async def open_place(
    *,
    port: int = 0,
    api: str | None = None,
    private: bool = True,
    labels: LabelPolicy = LabelPolicy.STRICT,
    assignees: UnknownAssignee = UnknownAssignee.REJECT,
) -> AsyncIterator[Place]:
    """`api` is where our side calls, when that is not the tracker itself but something in front of it."""
    async with LocalGitHub(port=port, label_policy=labels, unknown_assignee=assignees) as github:
        repo = demo_repository(github, private=private)
        site = GitHubSite(web=github.url, api=api or github.url)
        async with open_http(site) as http:
            read = StaticToken(SecretStr(github.grant(Token(BOT, is_app=True, issues="read", repos=[repo]))))
            write = StaticToken(SecretStr(github.grant(Token(BOT, is_app=True, issues="write", repos=[repo]))))
            reader = GitHubReader(Transport(http, site, read), site)
            writer = GitHubWriter(Transport(http, site, write), site)
            yield Place(github, repo, site, http, reader, writer)
