"""What the contract suite needs of each tracker: our two halves of it, and people who act in the double behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from pydantic import SecretStr

from bot.events import Arrival, WebhookDoor
from bot.executor.port import TicketWriter
from bot.sandbox.github.faults import Faults
from bot.sandbox.github.webhooks import headers as github_headers
from bot.sandbox.gitlab import LocalGitLab, Token, demo_project
from bot.trackers.contract import TrackerReader
from bot.trackers.credentials import StaticToken
from bot.trackers.github.capabilities import GITHUB
from bot.trackers.github.webhook import GitHubDoor
from bot.trackers.gitlab.capabilities import GITLAB
from bot.trackers.gitlab.reader import GitLabReader
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.webhook import GitLabDoor
from bot.trackers.gitlab.wire import gitlab_transport
from bot.trackers.gitlab.writer import GitLabWriter
from bot.trackers.transport import open_http
from graphs.capabilities import Capabilities
from graphs.model import InstallId, Login, TicketRef, TrackerName
from tests.trackers.github.deliveries import signature
from tests.trackers.github.place import BOT, Place, open_place
from tests.trackers.jira.scene import jira_scene, server_scene
from tests.trackers.linear.scene import linear_scene
from tests.trackers.zendesk.scene import zendesk_scene

INSTALL = InstallId("main")
SECRET = "a hook secret"
Sent = tuple[dict[str, str], bytes]


class Scene(Protocol):
    @property
    def reader(self) -> TrackerReader: ...
    @property
    def writer(self) -> TicketWriter: ...
    @property
    def blind_writer(self) -> TicketWriter:
        """With the reading credential: it may change nothing."""
        ...

    bot: str
    """The account of our token."""
    capabilities: Capabilities
    faults: Faults
    door: WebhookDoor
    write_method: str
    """Of adding a label."""
    comment_method: str
    """Of adding a comment."""

    def account(self, role: str) -> Login:
        """As the tracker names the person who plays a role."""
        ...

    async def filed(self, title: str = ..., labels: tuple[str, ...] = ...) -> TicketRef: ...
    def nowhere(self) -> TicketRef: ...
    async def edits(self, ref: TicketRef, title: str) -> None: ...
    async def labels(self, ref: TicketRef, label: str) -> None: ...
    async def assigns(self, ref: TicketRef, login: str) -> None: ...
    async def comments(self, ref: TicketRef, body: str) -> None: ...
    async def closes(self, ref: TicketRef) -> None: ...
    async def deletes(self, ref: TicketRef) -> None: ...
    def add_label(self, label: str) -> None:
        """Quietly, as if it had always been there."""
        ...

    def revoke(self) -> None: ...
    def drop_labels(self) -> None:
        """From now on the tracker accepts labels and leaves them out without a word."""
        ...

    def writes(self, ref: TicketRef) -> int:
        """How many calls on the ticket wanted to change something."""
        ...

    secrets: tuple[str, ...]

    def sent(self) -> list[Sent]:
        """Every delivery so far: headers and body."""
        ...

    def resigned(self, headers: dict[str, str], body: bytes) -> Sent:
        """Other bytes under the same delivery id, signed as the vendor would."""
        ...


class ByRole:
    """A double in which an account's name is its role."""

    comment_method = "POST"

    def account(self, role: str) -> Login:
        return Login(role)


class GitHubScene(ByRole):
    secrets: tuple[str, ...] = (SECRET,)
    bot = BOT
    capabilities = GITHUB
    door: WebhookDoor = GitHubDoor()
    write_method = "POST"

    def __init__(self, place: Place, blind: TicketWriter) -> None:
        self.place, self.reader, self.writer, self.blind_writer = place, place.reader, place.writer, blind
        self.faults = place.github.faults
        place.github.add_hook(place.repo, "http://127.0.0.1:9/", SECRET, ["*"])

    async def filed(self, title: str = "Answers are cut off", labels: tuple[str, ...] = ()) -> TicketRef:
        return await self.place.filed(title, labels)

    def nowhere(self) -> TicketRef:
        return self.place.ref(99)

    async def edits(self, ref: TicketRef, title: str) -> None:
        await self.place.github.edit(self.place.repo, int(ref.number), "on-duty", title=title)

    async def labels(self, ref: TicketRef, label: str) -> None:
        await self.place.github.label_as(self.place.repo, int(ref.number), "on-duty", label)

    async def assigns(self, ref: TicketRef, login: str) -> None:
        await self.place.github.assign_as(self.place.repo, int(ref.number), "on-duty", login)

    async def comments(self, ref: TicketRef, body: str) -> None:
        await self.place.github.comment_as(self.place.repo, int(ref.number), "on-duty", body)

    async def closes(self, ref: TicketRef) -> None:
        await self.place.github.close(self.place.repo, int(ref.number), "on-duty")

    async def deletes(self, ref: TicketRef) -> None:
        await self.place.github.delete(self.place.repo, int(ref.number), "on-duty")

    def add_label(self, label: str) -> None:
        self.place.github.add_label(self.place.repo, label)

    def revoke(self) -> None:
        self.place.github.tokens.expire_all()

    def drop_labels(self) -> None:
        self.faults.fail(200, method="POST", path="/labels$", body=[])

    def writes(self, ref: TicketRef) -> int:
        return len(self.place.github.writes_on(self.place.repo, int(ref.number)))

    def sent(self) -> list[Sent]:
        return [(github_headers(one), one.payload) for one in self.place.github.deliveries()]

    def resigned(self, headers: dict[str, str], body: bytes) -> Sent:
        return {**headers, "x-hub-signature-256": signature(body, SECRET)}, body


class GitLabScene(ByRole):
    bot = "project_7_bot_0a1b"
    capabilities = GITLAB
    door: WebhookDoor = GitLabDoor()
    write_method = "PUT"

    def __init__(
        self,
        gitlab: LocalGitLab,
        project: str,
        reader: TrackerReader,
        writer: TicketWriter,
        blind: TicketWriter,
        secret: str,
    ) -> None:
        self.gitlab, self.project = gitlab, project
        self.secrets: tuple[str, ...] = (secret,)
        self.reader, self.writer, self.blind_writer = reader, writer, blind
        self.faults = gitlab.faults
        gitlab.add_hook(project, "http://127.0.0.1:9/", secret)

    def ref(self, number: int) -> TicketRef:
        return TicketRef(tracker=TrackerName.GITLAB, install=INSTALL, project=self.project, number=str(number))

    async def filed(self, title: str = "Answers are cut off", labels: tuple[str, ...] = ()) -> TicketRef:
        number = await self.gitlab.file(self.project, "reporter-1", title, "since Monday", labels)
        return self.ref(number)

    def nowhere(self) -> TicketRef:
        return self.ref(99)

    async def edits(self, ref: TicketRef, title: str) -> None:
        self.gitlab.edit_as("on-duty", self.project, int(ref.number), title=title)

    async def labels(self, ref: TicketRef, label: str) -> None:
        self.gitlab.label_as("on-duty", self.project, int(ref.number), label)

    async def assigns(self, ref: TicketRef, login: str) -> None:
        self.gitlab.assign_as("on-duty", self.project, int(ref.number), login)

    async def comments(self, ref: TicketRef, body: str) -> None:
        self.gitlab.comment_as("on-duty", self.project, int(ref.number), body)

    async def closes(self, ref: TicketRef) -> None:
        self.gitlab.close_as("on-duty", self.project, int(ref.number))

    async def deletes(self, ref: TicketRef) -> None:
        self.gitlab.ticket(self.project, int(ref.number)).gone = True

    def add_label(self, label: str) -> None:
        self.gitlab.board.projects[self.project].labels.append(label)

    def revoke(self) -> None:
        self.gitlab.revoke_all()

    def drop_labels(self) -> None:
        self.gitlab.drops_labels = True

    def writes(self, ref: TicketRef) -> int:
        return len(self.gitlab.writes_on(self.project, int(ref.number)))

    def sent(self) -> list[Sent]:
        return [(one.headers, one.payload) for one in self.gitlab.deliveries()]

    def resigned(self, headers: dict[str, str], body: bytes) -> Sent:
        return headers, body  # the secret token says nothing of the body


def arrivals(scene: Scene) -> list[Arrival]:
    """Every delivery so far, through the door."""
    found = []
    for headers, body in scene.sent():
        scene.door.verify(headers, body, scene.secrets)
        found.append(scene.door.parse(headers, body, INSTALL))
    return found


@asynccontextmanager
async def github_scene(*, private: bool = True) -> AsyncIterator[Scene]:
    from bot.sandbox.github import Token as GitHubToken
    from bot.trackers.github.writer import GitHubWriter

    async with open_place(private=private) as place:
        blind = place.transport(GitHubToken(BOT, is_app=True, issues="read", repos=[place.repo]))
        yield GitHubScene(place, GitHubWriter(blind, place.site))


@asynccontextmanager
async def gitlab_scene(*, private: bool = True, secret: str = SECRET) -> AsyncIterator[GitLabScene]:
    async with LocalGitLab() as gitlab:
        project = demo_project(gitlab, private=private)
        site, here = GitLabSite(web=gitlab.url), frozenset({project})
        read = StaticToken(SecretStr(gitlab.grant(Token(GitLabScene.bot, here))))
        write = StaticToken(SecretStr(gitlab.grant(Token(GitLabScene.bot, here, writes=True))))
        async with open_http(site.api) as http:
            yield GitLabScene(
                gitlab,
                project,
                GitLabReader(gitlab_transport(http, site, read), site),
                GitLabWriter(gitlab_transport(http, site, write), site),
                GitLabWriter(gitlab_transport(http, site, read), site),
                secret,
            )


SCENES = {
    "github": github_scene,
    "gitlab": gitlab_scene,
    "jira": jira_scene,
    "jira server": server_scene,
    "linear": linear_scene,
    "zendesk": zendesk_scene,
}
