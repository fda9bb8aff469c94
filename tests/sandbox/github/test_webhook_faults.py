"""Webhooks that get lost, come many times, in another order or late."""

from __future__ import annotations

import pytest

from bot.sandbox.github import Hook, LocalGitHub
from tests.sandbox.github.listener import SECRET, Listener


@pytest.fixture(autouse=True)
def hook(github: LocalGitHub, listener: Listener) -> Hook:
    return github.add_hook("acme/assistant", listener.url, SECRET)


async def file(github: LocalGitHub, *titles: str) -> None:
    for title in titles:
        await github.file("acme/assistant", "reporter-1", title, None)
    await github.settle()


def titles(listener: Listener) -> list[object]:
    return [one.part("issue")["title"] for one in listener.heard]


async def test_lost_ones_never_arrive_but_can_be_redelivered(github: LocalGitHub, listener: Listener) -> None:
    github.webhook_faults.drop(2, event="issues.opened")
    await file(github, "one", "two", "three")
    assert titles(listener) == ["three"]
    assert [one.status for one in github.deliveries()] == ["dropped", "dropped", "OK"]
    await github.redeliver(github.deliveries()[0].id)
    assert titles(listener) == ["three", "one"]


async def test_dropping_one_kind_lets_others_through(github: LocalGitHub, listener: Listener) -> None:
    github.webhook_faults.drop(100, event="issues.labeled")
    await github.file("acme/assistant", "reporter-1", "t", None, ["kind: bug"])
    await github.settle()
    assert listener.names() == ["issues.opened"]


async def test_duplicates_share_their_guid(github: LocalGitHub, listener: Listener) -> None:
    github.webhook_faults.duplicate(20)
    await file(github, "one", "two")
    assert sorted(map(str, titles(listener))) == ["one"] * 20 + ["two"]
    assert len({one.guid for one in listener.heard}) == 2
    assert github.deliveries()[0].times_sent == 20


async def test_reordered_ones_arrive_last_first(github: LocalGitHub, listener: Listener) -> None:
    github.webhook_faults.reorder(3)
    await file(github, "one", "two")
    assert titles(listener) == []
    await file(github, "three", "four")
    assert [one for one in titles(listener) if one != "four"] == ["three", "two", "one"]


async def test_a_group_that_never_fills_can_be_released(github: LocalGitHub, listener: Listener) -> None:
    github.webhook_faults.reorder(10)
    await file(github, "one", "two")
    github.webhooks.release()
    await github.settle()
    assert titles(listener) == ["two", "one"]


async def test_a_late_one_is_overtaken(github: LocalGitHub, listener: Listener) -> None:
    github.webhook_faults.delay(0.5, event="issues.opened")
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.close("acme/assistant", 1, "reporter-1")
    await github.settle()
    assert listener.names() == ["issues.closed", "issues.opened"]
