"""Every request takes points of its install's budget, writes go one by one, GitHub's word holds for the install."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from bot.limits.limits import Limits
from bot.limits.meters import LocalMeter
from bot.trackers.credentials import StaticToken
from bot.trackers.github.budget import Budget
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport
from graphs.errors import RateLimited
from tests.limits.recorder import Recorder

SITE = GitHubSite(web="http://127.0.0.1:1", api="http://127.0.0.1:1")
ISSUE = "/repos/acme/assistant/issues/1"
POINTS, CONTENT = "github:main:points", "github:main:content"


class Door:
    """Answers like GitHub; counts how many requests are inside at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.most_at_once = 0
        self.answer = httpx.Response(200, json={})
        self._inside = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self._inside += 1
        self.most_at_once = max(self.most_at_once, self._inside)
        for _ in range(5):
            await asyncio.sleep(0)
        self._inside -= 1
        self.asked.append(f"{request.method} {request.url.path}")
        return self.answer

    def transport(self, budget: Budget | None = None) -> Transport:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Transport(http, SITE, StaticToken(SecretStr("ghp_x")), budget=budget)


async def test_reading_costs_one_writing_five_and_what_notifies_is_counted() -> None:
    limits = Recorder()
    transport = Door().transport(Budget(limits, "main"))
    await transport.get(ISSUE)
    await transport.write("DELETE", f"{ISSUE}/labels/bug")
    await transport.write("POST", f"{ISSUE}/assignees", {})
    await transport.write("POST", f"{ISSUE}/comments", {})
    assert limits.taken == [(POINTS, 1), (POINTS, 5), (POINTS, 5), (CONTENT, 1), (POINTS, 5)]


async def test_without_a_turn_nothing_is_sent() -> None:
    limits, door = Recorder(), Door()
    limits.full = True
    transport = door.transport(Budget(limits, "main"))
    with pytest.raises(RateLimited):
        await transport.get(ISSUE)
    with pytest.raises(RateLimited):
        await transport.write("POST", f"{ISSUE}/comments", {})
    assert door.asked == []


@pytest.mark.parametrize("status", [403, 429])
async def test_fault_54_githubs_word_holds_for_reader_and_writer_and_no_other_install(status: int) -> None:
    door = Door()
    limits = Limits(LocalMeter())
    reader, writer = (door.transport(Budget(limits, "main")) for _ in range(2))
    door.answer = httpx.Response(status, headers={"retry-after": "30"}, json={"message": "secondary rate limit"})
    with pytest.raises(RateLimited):
        await reader.get(ISSUE)
    asked = len(door.asked)
    with pytest.raises(RateLimited) as held_back:
        await writer.write("POST", f"{ISSUE}/comments", {})
    assert 25 < held_back.value.retry_after_s <= 30
    assert len(door.asked) == asked, "nobody asks again before GitHub's time is up"
    door.answer = httpx.Response(200, json={})
    await door.transport(Budget(limits, "another")).get(ISSUE)


async def test_fault_54_writes_go_one_after_the_other() -> None:
    door = Door()
    transport = door.transport()
    await asyncio.gather(*(transport.write("POST", f"{ISSUE}/labels", {}) for _ in range(5)))
    assert door.most_at_once == 1
    await asyncio.gather(*(transport.get(ISSUE) for _ in range(5)))
    assert door.most_at_once > 1


async def test_a_write_that_queued_for_long_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caller made sure of a lease before it queued, and that lease may be gone."""
    door = Door()
    transport = door.transport()
    async with transport._writing:
        queued = asyncio.create_task(transport.write("POST", f"{ISSUE}/labels", {}))
        await asyncio.sleep(0)
        monkeypatch.setattr("bot.trackers.transport._LONGEST_QUEUE_S", -1.0)
    with pytest.raises(RateLimited, match="not sent"):
        await queued
    assert door.asked == []


async def test_the_writes_of_a_dozen_tickets_do_not_wait() -> None:
    budget = Budget(Limits(LocalMeter(), patience_s=0.0), "main")
    for number in range(12):
        for method, path in [("POST", "labels"), ("POST", "labels"), ("POST", "assignees"), ("POST", "comments")]:
            await budget.spend(method, f"/repos/acme/assistant/issues/{number}/{path}")
            await budget.spend("GET", f"/repos/acme/assistant/issues/{number}")
