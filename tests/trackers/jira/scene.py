"""The contract's scene with a local Jira of either flavour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.events import WebhookDoor
from bot.executor.port import TicketWriter
from bot.sandbox.jira import LocalJira, Token, as_label, demo_project
from bot.sandbox.jira.local import headers as sign
from bot.trackers.contract import TrackerReader
from bot.trackers.credentials import StaticToken
from bot.trackers.jira.capabilities import CLOUD, DATA_CENTER
from bot.trackers.jira.reader import JiraReader
from bot.trackers.jira.site import Flavour, JiraSite
from bot.trackers.jira.webhook import JiraDoor
from bot.trackers.jira.wire import jira_transport, open_transport
from bot.trackers.jira.writer import JiraWriter
from bot.trackers.transport import open_http
from graphs.model import InstallId, Login, TicketRef, TrackerName

INSTALL = InstallId("main")
SECRET = "a hook secret"


class JiraScene:
    bot = "strata-app"
    door: WebhookDoor = JiraDoor()
    write_method, comment_method = "PUT", "POST"
    secrets: tuple[str, ...] = (SECRET,)

    def __init__(self, jira: LocalJira, reader: TrackerReader, writer: TicketWriter, blind: TicketWriter) -> None:
        self.jira, self.project = jira, next(iter(jira.board.projects))
        self.reader, self.writer, self.blind_writer = reader, writer, blind
        self.capabilities = CLOUD if jira.cloud else DATA_CENTER
        self.faults = jira.faults
        jira.add_hook(self.project, "http://127.0.0.1:9/", SECRET)

    def account(self, role: str) -> Login:
        return Login(role)

    def ref(self, number: int) -> TicketRef:
        return TicketRef(tracker=TrackerName.JIRA, install=INSTALL, project=self.project, number=str(number))

    async def filed(self, title: str = "Answers are cut off", labels: tuple[str, ...] = ()) -> TicketRef:
        names = [as_label(one) for one in labels]
        return self.ref(await self.jira.file(self.project, "reporter-1", title, "since Monday", names))

    def nowhere(self) -> TicketRef:
        return self.ref(99)

    async def edits(self, ref: TicketRef, title: str) -> None:
        self.jira.edit_as("on-duty", self.project, int(ref.number), title=title)

    async def labels(self, ref: TicketRef, label: str) -> None:
        self.jira.label_as("on-duty", self.project, int(ref.number), as_label(label))

    async def assigns(self, ref: TicketRef, login: str) -> None:
        self.jira.assign_as("on-duty", self.project, int(ref.number), login)

    async def comments(self, ref: TicketRef, body: str) -> None:
        self.jira.comment_as("on-duty", self.project, int(ref.number), body)

    async def closes(self, ref: TicketRef) -> None:
        self.jira.close_as("on-duty", self.project, int(ref.number))

    async def deletes(self, ref: TicketRef) -> None:
        self.jira.ticket(self.project, int(ref.number)).gone = True

    def add_label(self, label: str) -> None:
        """A label of Jira is there because some issue carries it."""
        self.jira.board.projects[self.project].tickets[0].labels.append(as_label(label))

    def revoke(self) -> None:
        self.jira.revoke_all()

    def drop_labels(self) -> None:
        self.jira.drops_labels = True

    def writes(self, ref: TicketRef) -> int:
        return len(self.jira.writes_on(self.project, int(ref.number)))

    def sent(self) -> list[tuple[dict[str, str], bytes]]:
        return [(one.headers, one.payload) for one in self.jira.deliveries()]

    def resigned(self, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        return sign(headers["x-atlassian-webhook-identifier"], body, SECRET), body


@asynccontextmanager
async def jira_scene(*, private: bool = True, cloud: bool = True) -> AsyncIterator[JiraScene]:
    async with LocalJira(cloud=cloud) as jira:
        here = frozenset({demo_project(jira, private=private)})
        site = JiraSite(web=jira.url, flavour=Flavour.CLOUD if cloud else Flavour.DATA_CENTER)
        read, write = (_token(jira, Token(JiraScene.bot, here, writes=one)) for one in (False, True))
        async with open_http(site.api) as http:
            yield JiraScene(
                jira,
                JiraReader(jira_transport(http, site, read), open_transport(http, site), site),
                JiraWriter(jira_transport(http, site, write), site),
                JiraWriter(jira_transport(http, site, read), site),
            )


def _token(jira: LocalJira, token: Token) -> StaticToken:
    account = "bot@acme.example:" if jira.cloud else ""
    return StaticToken(SecretStr(account + jira.grant(token)))


@asynccontextmanager
async def server_scene(*, private: bool = True) -> AsyncIterator[JiraScene]:
    """Data Center."""
    async with jira_scene(private=private, cloud=False) as scene:
        yield scene
