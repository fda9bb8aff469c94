"""The stories of the product with `emulate` as Linear (see `emulated_linear.py` for where that one deviates)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.demo.town import owners_known_as
from bot.record.inbox import Outcome
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.server import LocalSlack
from bot.trackers.credentials import StaticToken
from bot.trackers.linear.reader import LinearReader
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.wire import linear_transport
from bot.trackers.linear.writer import LinearWriter
from bot.trackers.transport import open_http
from graphs.errors import TicketGone, TrackerRefused, TrackerRejected
from graphs.model import InstallId, Login, Millis, TicketRef, TrackerName
from tests.others.bots import CHANNEL, ML_LEAD, ON_DUTY, TITLE, Running, base_settings, running_bot
from tests.others.emulated_linear import (
    BOT,
    READS,
    TEAM,
    Workspace,
    key_of,
    open_workspace,
    pointed_at,
    running_emulate,
)

pytestmark = pytest.mark.xdist_group("emulate-linear")


@pytest.fixture(scope="module")
def server(node: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_emulate(node, tmp_path_factory.mktemp("emulate-linear")) as url:
        yield url


@pytest.fixture
async def place(server: str) -> AsyncIterator[Workspace]:
    async with open_workspace(server) as one:
        yield one


@dataclass(frozen=True)
class Stage:
    slack: LocalSlack
    place: Workspace
    running: Running

    async def file_and_wait(self) -> tuple[str, Message]:
        name = await self.place.file()
        return name, await self.slack.until(lambda: self._card(name), 30)

    def _card(self, name: str) -> Message | None:
        cards = [one for one in self.slack.messages(CHANNEL) if one.metadata]
        return next((one for one in cards if f"/issue/{name}'" in repr(one.blocks[:1])), None)

    async def press(self, user: str, card: Message, action: str) -> None:
        outcome = await self.slack.click(user, CHANNEL, card.ts, action)
        assert outcome.acked, outcome.error

    async def card_says(self, card: Message, *words: str) -> None:
        def look() -> bool:
            text = self.slack.message(CHANNEL, card.ts).all_text
            return all(word in text for word in words)

        await self.slack.until(look, 30)


@pytest.fixture
async def stage(place: Workspace, tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack())
        ours = {
            "slack_api_url": slack.base_url,
            "slack_bot_token": slack.workspace.bot_token,
            "slack_signing_secret": slack.workspace.signing_secret,
        }
        base = base_settings(tmp_path).model_copy(update=ours)
        settings = pointed_at(base, place, owners_known_as("linear", tmp_path / "policies"))
        running = await stack.enter_async_context(running_bot(settings))
        slack.request_url = f"{running.url}/slack/events"
        await place.hook_up(f"{running.url}/hooks/linear/linear")
        yield Stage(slack, place, running)


async def test_a_ticket_is_approved_written_and_taken_back(stage: Stage) -> None:
    name, card = await stage.file_and_wait()
    assert TITLE in card.all_text
    assert not (await stage.place.issue(name)).label_names
    await stage.press(ON_DUTY, card, "approve")
    await stage.card_says(card, "Approved", "All of it is set")
    issue = await stage.place.issue(name)
    assert issue.label_names == {"layer: retrieval and context", "kind: bug"}
    assert issue.assignee is not None
    assert issue.assignee.displayName == "data-lead"
    (comment,) = issue.comments.nodes
    assert comment.user.displayName == BOT
    assert "retrieval" in comment.body
    await stage.press(ML_LEAD, card, "undo")
    await stage.card_says(card, "Taken back", "Nothing of it is left")
    issue = await stage.place.issue(name)
    assert (issue.label_names, issue.assignee, issue.comments.nodes) == (set(), None, ())
    await stage.running.quiet()
    async with stage.running.core.record.read() as tx:
        outcomes = await tx.inbox.outcomes("linear")
    assert outcomes["Issue.create", Outcome.ACCEPTED] == 1
    assert outcomes["Issue.update", Outcome.ECHO] == 2
    assert not [one for one in outcomes if one[1] is Outcome.MALFORMED]


@pytest.mark.long
async def test_a_label_that_a_person_set_meanwhile_is_not_overridden(stage: Stage) -> None:
    name, card = await stage.file_and_wait()
    await stage.place.label(name, "kind: question", by="product-lead")
    await stage.press(ON_DUTY, card, "approve")
    await stage.card_says(card, "the ticket had changed")
    issue = await stage.place.issue(name)
    assert (issue.label_names, issue.assignee, issue.comments.nodes) == ({"kind: question"}, None, ())


async def test_each_half_by_itself(place: Workspace) -> None:
    name = await place.file("Answers are cut off", "since Monday")
    ref = TicketRef(tracker=TrackerName.LINEAR, install=InstallId("main"), project=TEAM, number=name.split("-")[1])
    site = LinearSite(web=place.server, api=place.url)
    async with open_http(site.api) as http:
        reading = linear_transport(http, site, StaticToken(SecretStr(READS)))
        writing = linear_transport(http, site, StaticToken(SecretStr(key_of(BOT))))
        reader, writer, blind = LinearReader(reading, site), LinearWriter(writing, site), LinearWriter(reading, site)
        before = await reader.read(ref)
        assert (before.title, before.body, before.author, before.private) == (
            "Answers are cut off",
            "since Monday",
            "reporter-1",
            True,
        )
        for act in (
            blind.add_label(ref, "kind: bug"),
            blind.assign(ref, Login("data-lead")),
            blind.comment(ref, "I may not"),
            blind.create_label(ref, "area: new"),
        ):
            with pytest.raises(TrackerRefused, match="scope"):
                await act
        assert await reader.read(ref) == before
        with pytest.raises(TrackerRejected, match="no account"):
            await writer.assign(ref, Login("nobody-at-all"))
        with pytest.raises(TicketGone):
            await reader.read(ref.model_copy(update={"number": "9999"}))
        await writer.create_label(ref, "area: new")
        await writer.add_label(ref, "area: new")
        assert (await reader.read(ref)).labels == ("area: new",)
        listed = [one async for page in reader.changed_since(ref.install, ref.project, Millis(0)) for one in page]
        assert (ref, True) in [(one.ref, one.is_open) for one in listed]
