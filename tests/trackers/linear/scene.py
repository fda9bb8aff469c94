"""What the contract suite needs of Linear: our two halves of it, and people who act in the double behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.events import WebhookDoor
from bot.executor.port import TicketWriter
from bot.sandbox.linear import LocalLinear, Token, demo_team
from bot.trackers.contract import TrackerReader
from bot.trackers.credentials import StaticToken
from bot.trackers.linear.capabilities import LINEAR
from bot.trackers.linear.reader import LinearReader
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.webhook import LinearDoor
from bot.trackers.linear.wire import linear_transport
from bot.trackers.linear.writer import LinearWriter
from bot.trackers.transport import open_http
from graphs.model import Login, TicketRef, TrackerName
from tests.trackers.linear.deliveries import INSTALL, SECRET, signature

Sent = tuple[dict[str, str], bytes]


class LinearScene:
    """Implements `tests.trackers.contract.scene.Scene`."""

    secrets: tuple[str, ...] = (SECRET,)
    bot = "triage"
    capabilities = LINEAR
    door: WebhookDoor = LinearDoor()
    write_method = comment_method = "POST"

    def __init__(
        self, linear: LocalLinear, team: str, reader: TrackerReader, writer: TicketWriter, blind: TicketWriter
    ) -> None:
        self.linear, self.team = linear, team
        self.reader, self.writer, self.blind_writer = reader, writer, blind
        self.faults = linear.faults
        linear.add_hook(team, "http://127.0.0.1:9/", SECRET)

    def account(self, role: str) -> Login:
        return Login(role)

    def ref(self, number: int) -> TicketRef:
        return TicketRef(tracker=TrackerName.LINEAR, install=INSTALL, project=self.team, number=str(number))

    async def filed(self, title: str = "Answers are cut off", labels: tuple[str, ...] = ()) -> TicketRef:
        return self.ref(await self.linear.file(self.team, "reporter-1", title, "since Monday", labels))

    def nowhere(self) -> TicketRef:
        return self.ref(99)

    async def edits(self, ref: TicketRef, title: str) -> None:
        self.linear.edit_as("on-duty", self.team, int(ref.number), title=title)

    async def labels(self, ref: TicketRef, label: str) -> None:
        self.linear.label_as("on-duty", self.team, int(ref.number), label)

    async def assigns(self, ref: TicketRef, login: str) -> None:
        self.linear.assign_as("on-duty", self.team, int(ref.number), login)

    async def comments(self, ref: TicketRef, body: str) -> None:
        self.linear.comment_as("on-duty", self.team, int(ref.number), body)

    async def closes(self, ref: TicketRef) -> None:
        self.linear.close_as("on-duty", self.team, int(ref.number))

    async def deletes(self, ref: TicketRef) -> None:
        self.linear.ticket(self.team, int(ref.number)).gone = True

    def add_label(self, label: str) -> None:
        self.linear.board.projects[self.team].labels.append(label)

    def revoke(self) -> None:
        self.linear.revoke_all()

    def drop_labels(self) -> None:
        self.linear.drops_labels = True

    def writes(self, ref: TicketRef) -> int:
        return len(self.linear.writes_on(self.team, int(ref.number)))

    def sent(self) -> list[Sent]:
        return [(one.headers, one.payload) for one in self.linear.deliveries()]

    def resigned(self, headers: dict[str, str], body: bytes) -> Sent:
        return {**headers, "linear-signature": signature(body, SECRET)}, body


@asynccontextmanager
async def linear_scene(*, private: bool = True) -> AsyncIterator[LinearScene]:
    async with LocalLinear() as linear:
        team = demo_team(linear, private=private)
        site, here = LinearSite(web=linear.url, api=linear.url), frozenset({team})
        read = StaticToken(SecretStr(linear.grant(Token(LinearScene.bot, here))))
        write = StaticToken(SecretStr(linear.grant(Token(LinearScene.bot, here, writes=True))))
        async with open_http(site.api) as http:
            yield LinearScene(
                linear,
                team,
                LinearReader(linear_transport(http, site, read), site),
                LinearWriter(linear_transport(http, site, write), site),
                LinearWriter(linear_transport(http, site, read), site),
            )
