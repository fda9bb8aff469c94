"""Scripted mishaps of the API: refused, late, broken before or after the write, hanging, dripping, elsewhere."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.sandbox.github import LocalGitHub

REPO = "/repos/acme/assistant"
ISSUE = f"{REPO}/issues/1"


@pytest.fixture(autouse=True)
async def issue(github: LocalGitHub) -> None:
    await github.file("acme/assistant", "reporter-1", "t", None)


def comments(github: LocalGitHub) -> list[str]:
    return [one.body for one in github.issue("acme/assistant", 1).comments]


async def test_failing_the_next_matching_requests(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    fault = github.faults.fail(502, times=2, method="POST", path=r"/comments$", body={"message": "Server Error"})
    assert (await api.get(ISSUE)).status_code == 200
    answers = [await api.post(f"{ISSUE}/comments", json={"body": "x"}) for _ in range(3)]
    assert [one.status_code for one in answers] == [502, 502, 201]
    assert answers[0].json() == {"message": "Server Error"}
    assert fault.hits == 2
    assert comments(github) == ["x"]
    assert [(one.status, one.applied) for one in github.writes()] == [(502, False), (502, False), (201, True)]
    assert {one.login for one in github.writes()} == {"strata[bot]"}


async def test_applied_but_never_heard_of(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    """The dangerous one: a client that simply tries again writes twice, and this is how it shows."""
    github.faults.apply_then_break(method="POST", path=r"/comments$")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.post(f"{ISSUE}/comments", json={"body": "triaged <!-- mark:1 -->"})
    assert comments(github) == ["triaged <!-- mark:1 -->"]
    (write,) = github.writes()
    assert (write.applied, write.changed, write.status) == (True, True, None)
    assert github.duplicate_writes() == ()
    await api.post(f"{ISSUE}/comments", json={"body": "triaged again <!-- mark:1 -->"})
    assert [one.what for one in github.duplicate_writes()] == ["commented"]


async def test_broken_before_anything_was_done(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.faults.break_before(method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.post(f"{ISSUE}/comments", json={"body": "x"})
    assert comments(github) == []
    assert [(one.applied, one.status) for one in github.writes()] == [(False, None)]


@pytest.mark.parametrize("applied", [True, False])
async def test_hanging_before_or_after_the_write(github: LocalGitHub, api: httpx.AsyncClient, *, applied: bool) -> None:
    fault = github.faults.apply_then_hang(method="POST") if applied else github.faults.hang(method="POST")
    request = asyncio.create_task(api.post(f"{ISSUE}/comments", json={"body": "x"}))
    await fault.struck()
    assert comments(github) == (["x"] if applied else [])
    assert (await api.get(ISSUE)).status_code == 200, "others are served meanwhile"
    assert not request.done()
    github.let_go()
    with pytest.raises(httpx.RemoteProtocolError):
        await request


async def test_a_hanging_request_ends_when_the_client_gives_up(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.faults.hang()
    with pytest.raises(httpx.ReadTimeout):
        await api.get(ISSUE, timeout=0.1)
    assert (await api.get(ISSUE)).status_code == 200


async def test_late_but_right(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    fault = github.faults.delay(0.05, 0.05, method="POST")
    assert (await api.post(f"{ISSUE}/comments", json={"body": "x"})).status_code == 201
    assert fault.hits == 1


async def test_an_answer_that_drips(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.faults.slow_body(0.05)
    got = b""
    async with api.stream("GET", ISSUE) as answer:
        assert answer.status_code == 200
        async for chunk in answer.aiter_bytes():
            got += chunk
            if len(got) >= 3:
                break
    assert len(got) < 100


async def test_an_answer_too_big_to_hold(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.faults.huge_body(20_000_000)
    got = 0
    async with api.stream("GET", ISSUE) as answer:
        async for chunk in answer.aiter_bytes():
            got += len(chunk)
            if got > 1_000_000:
                break
    assert got > 1_000_000
    assert (await api.get(ISSUE)).json()["number"] == 1


async def test_an_answer_that_is_not_json(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.faults.garbage(method="POST")
    answer = await api.post(f"{ISSUE}/comments", json={"body": "x"})
    assert answer.status_code == 201
    with pytest.raises(ValueError, match="line 1"):
        answer.json()
    assert comments(github) == ["x"]


async def test_pointing_elsewhere(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.faults.redirect("http://127.0.0.2:1/elsewhere")
    answer = await api.get(ISSUE)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.2:1/elsewhere")


@pytest.mark.parametrize("status", [403, 429])
async def test_rate_limits_in_githubs_words(github: LocalGitHub, api: httpx.AsyncClient, status: int) -> None:
    github.faults.secondary_limit(7, status=status)
    github.faults.primary_limit(1_900_000_000, status=status)
    secondary = await api.get(ISSUE)
    assert (secondary.status_code, secondary.headers["retry-after"]) == (status, "7")
    assert "secondary rate limit" in secondary.json()["message"]
    primary = await api.get(ISSUE)
    assert primary.status_code == status
    assert (primary.headers["x-ratelimit-remaining"], primary.headers["x-ratelimit-reset"]) == ("0", "1900000000")
    assert (await api.get(ISSUE)).status_code == 200


async def test_an_outage_and_the_return(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    url = github.url
    await github.stop()
    with pytest.raises(httpx.ConnectError):
        await api.get(ISSUE)
    await github.start()
    assert github.url == url
    assert (await api.get(ISSUE)).json()["title"] == "t"
