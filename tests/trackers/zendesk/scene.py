"""The contract's scene with a local Zendesk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.events import WebhookDoor
from bot.executor.port import TicketWriter
from bot.sandbox.zendesk import PLACE, LocalZendesk, Token, demo_account
from bot.sandbox.zendesk.local import headers as sign
from bot.trackers.contract import TrackerReader
from bot.trackers.credentials import StaticToken
from bot.trackers.transport import open_http
from bot.trackers.zendesk.capabilities import ZENDESK
from bot.trackers.zendesk.reader import ZendeskReader
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.webhook import ZendeskDoor
from bot.trackers.zendesk.wire import zendesk_transport
from bot.trackers.zendesk.writer import ZendeskWriter
from graphs.model import InstallId, Login, TicketRef, TrackerName

INSTALL = InstallId("main")
SECRET = "a hook secret"
BOT = "strata-bot"


class ZendeskScene:
    capabilities = ZENDESK
    door: WebhookDoor = ZendeskDoor(PLACE)
    write_method = comment_method = "PUT"
    secrets: tuple[str, ...] = (SECRET,)

    def __init__(self, zendesk: LocalZendesk, reader: TrackerReader, writer: TicketWriter, blind: TicketWriter) -> None:
        self.zendesk = zendesk
        self.reader, self.writer, self.blind_writer = reader, writer, blind
        self.faults = zendesk.faults
        self.bot: str = self.account(BOT)
        zendesk.add_hook(PLACE, "http://127.0.0.1:9/", SECRET)

    def account(self, role: str) -> Login:
        """By its number; somebody unknown keeps their name."""
        people = self.zendesk.board.people
        return Login(str(people[role]) if role in people else role)

    def ref(self, number: int) -> TicketRef:
        return TicketRef(tracker=TrackerName.ZENDESK, install=INSTALL, project=PLACE, number=str(number))

    async def filed(self, title: str = "Answers are cut off", labels: tuple[str, ...] = ()) -> TicketRef:
        tags = [one.replace(" ", "_") for one in labels]
        return self.ref(await self.zendesk.file(PLACE, "reporter-1", title, "since Monday", tags))

    def nowhere(self) -> TicketRef:
        return self.ref(99)

    async def edits(self, ref: TicketRef, title: str) -> None:
        self.zendesk.edit_as("on-duty", PLACE, int(ref.number), title=title)

    async def labels(self, ref: TicketRef, label: str) -> None:
        self.zendesk.label_as("on-duty", PLACE, int(ref.number), label.replace(" ", "_"))

    async def assigns(self, ref: TicketRef, login: str) -> None:
        self.zendesk.assign_as("on-duty", PLACE, int(ref.number), login)

    async def comments(self, ref: TicketRef, body: str) -> None:
        self.zendesk.comment_as("on-duty", PLACE, int(ref.number), body)

    async def closes(self, ref: TicketRef) -> None:
        self.zendesk.close_as("on-duty", PLACE, int(ref.number))

    async def deletes(self, ref: TicketRef) -> None:
        self.zendesk.ticket(PLACE, int(ref.number)).gone = True

    def add_label(self, label: str) -> None:
        self.zendesk.board.projects[PLACE].labels.append(label.replace(" ", "_"))

    def revoke(self) -> None:
        self.zendesk.revoke_all()

    def drop_labels(self) -> None:
        self.zendesk.drops_tags = True

    def writes(self, ref: TicketRef) -> int:
        return len(self.zendesk.writes_on(PLACE, int(ref.number)))

    def sent(self) -> list[tuple[dict[str, str], bytes]]:
        return [(one.headers, one.payload) for one in self.zendesk.deliveries()]

    def resigned(self, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        at = headers["x-zendesk-webhook-signature-timestamp"]
        return sign(headers["x-zendesk-webhook-invocation-id"], body, SECRET, at), body


@asynccontextmanager
async def zendesk_scene(*, private: bool = True) -> AsyncIterator[ZendeskScene]:
    """`private` is all there is: a customer's letter is never public."""
    assert private
    async with LocalZendesk() as zendesk:
        here = frozenset({demo_account(zendesk)})
        site = ZendeskSite(web=zendesk.url)
        read, write = (StaticToken(SecretStr(zendesk.grant(Token(BOT, here, writes=one)))) for one in (False, True))
        async with open_http(site.api) as http:
            yield ZendeskScene(
                zendesk,
                ZendeskReader(zendesk_transport(http, site, read), site),
                ZendeskWriter(zendesk_transport(http, site, write), site),
                ZendeskWriter(zendesk_transport(http, site, read), site),
            )
