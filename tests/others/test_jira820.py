"""Our Jira adapter against `jira820`, a Jira Data Center that somebody else wrote from recordings of version 8.20.

Where it is not like a real one (version 0.12.0): it takes any credential, sends no webhooks, accepts an account that it
does not know, and reads `-75m` in a query as months. An update of labels is answered with 204 and does nothing, which a
writer must notice.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bot.demo.town import free_port
from bot.executor.marker import Marker
from bot.trackers.credentials import StaticToken
from bot.trackers.jira.reader import JiraReader
from bot.trackers.jira.site import Flavour, JiraSite
from bot.trackers.jira.wire import jira_transport, open_transport
from bot.trackers.jira.writer import JiraWriter
from bot.trackers.transport import open_http
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import InstallId, Login, Millis, ProposalId, TicketRef, TicketState, TrackerName
from tests.others.processes import serving

pytestmark = pytest.mark.xdist_group("jira820")
PROJECT, INSTALL = "JIRA820", InstallId("server")


@dataclass(frozen=True)
class Server:
    reader: JiraReader
    writer: JiraWriter

    async def newest(self) -> TicketRef:
        """An open issue that nobody is assigned to any more."""
        pages = self.reader.tickets(INSTALL, PROJECT)
        ref = [one async for page in pages for one in page][-1]
        for login in (await self.reader.read(ref)).assignees:
            await self.writer.unassign(ref, login)
        return ref


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(), tmp_path_factory.mktemp("jira820")
    env = {"JIRA820_HOST": "127.0.0.1", "JIRA820_PORT": str(port)}
    found = f"http://127.0.0.1:{port}"
    with serving([sys.executable, "-m", "jira820"], f"{found}/rest/api/2/myself", folder / "log", env):
        yield found


@asynccontextmanager
async def _open(url: str) -> AsyncIterator[Server]:
    site = JiraSite(web=url, flavour=Flavour.DATA_CENTER)
    async with open_http(site.api) as http:
        transport = jira_transport(http, site, StaticToken(SecretStr("a-personal-token")))
        yield Server(JiraReader(transport, open_transport(http, site), site), JiraWriter(transport, site))


@pytest.fixture
async def server(url: str) -> AsyncIterator[Server]:
    async with _open(url) as found:
        yield found


async def test_issues_are_listed_and_read(server: Server) -> None:
    found = [one async for page in server.reader.tickets(INSTALL, PROJECT) for one in page]
    changed = server.reader.changed_since(INSTALL, PROJECT, Millis(0))
    everything = [one.ref async for page in changed for one in page]
    assert len(everything) > 200, "several pages"
    assert len(set(everything)) == len(everything)
    assert set(found) < set(everything)
    ticket = await server.reader.read(found[0])
    assert (ticket.ref, ticket.state, ticket.private) == (found[0], TicketState.OPEN, False)
    assert ticket.title
    assert ticket.url.endswith(f"/browse/{found[0].short}")
    with pytest.raises(TicketGone):
        await server.reader.read(TicketRef(tracker=TrackerName.JIRA, install=INSTALL, project=PROJECT, number="99999"))


async def test_a_comment_and_an_assignee_are_written_read_back_and_taken_back(server: Server) -> None:
    ref, marker, proposal = await server.newest(), Marker(b"k" * 32), ProposalId("a" * 32)
    before = (await server.reader.read(ref)).version
    await server.writer.assign(ref, Login("u02"))
    await server.writer.assign(ref, Login("u02"))
    with pytest.raises(TrackerRejected, match="replace u02"):
        await server.writer.assign(ref, Login("u03"))
    signed = marker.sign("Triage: retrieval and context.", proposal, 0)
    await server.writer.comment(ref, signed)
    ticket = await server.reader.read(ref)
    assert ticket.assignees == (Login("u02"),)
    assert ticket.version != before
    ours = [one for one in await server.writer.comments(ref) if marker.is_ours(one.body, proposal, 0)]
    assert [one.body for one in ours] == [signed]
    changed = server.reader.changed_since(INSTALL, PROJECT, Millis(ticket.updated_at - 1_000))
    assert ref in {one.ref async for page in changed for one in page}
    await server.writer.unassign(ref, Login("u02"))
    assert (await server.reader.read(ref)).assignees == ()


async def test_a_label_that_is_accepted_and_not_set_is_noticed(server: Server) -> None:
    ref = await server.newest()
    with pytest.raises(TrackerRejected, match="silently"):
        await server.writer.add_label(ref, "kind: bug")
