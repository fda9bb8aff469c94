"""Assignees: only people the repository knows, at most ten, added one by one."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.github import LocalGitHub, Token
from tests.sandbox.github.conftest import plain_client

REPO = "/repos/acme/assistant"


@pytest.fixture
async def issue(github: LocalGitHub) -> str:
    return f"{REPO}/issues/{await github.file('acme/assistant', 'reporter-1', 't', None)}"


async def test_who_can_be_assigned(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"{REPO}/assignees/data-lead")).status_code == 204
    assert (await api.get(f"{REPO}/assignees/DATA-Lead")).status_code == 204
    assert (await api.get(f"{REPO}/assignees/reporter-1")).status_code == 404
    logins = [one["login"] for one in (await api.get(f"{REPO}/assignees")).json()]
    assert "ml-lead" in logins
    assert "reporter-1" not in logins


async def test_adding_keeps_the_others(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    await github.assign_as("acme/assistant", 1, "on-duty", "ml-lead")
    answer = await api.post(f"{issue}/assignees", json={"assignees": ["data-lead"]})
    assert answer.status_code == 201
    assert [one["login"] for one in answer.json()["assignees"]] == ["ml-lead", "data-lead"]
    gone = await api.request("DELETE", f"{issue}/assignees", json={"assignees": ["ml-lead", "never-there"]})
    assert [one["login"] for one in gone.json()["assignees"]] == ["data-lead"]


async def test_a_stranger_is_refused(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{issue}/assignees", json={"assignees": ["ml-lead", "reporter-1"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "value": "reporter-1",
        "resource": "Issue",
        "field": "assignees",
        "code": "invalid",
    }
    assert github.issue("acme/assistant", 1).assignees == ()


async def test_or_silently_dropped() -> None:
    async with LocalGitHub(unknown_assignee="drop") as github:
        github.add_repository("acme/assistant", collaborators=["ml-lead"])
        await github.file("acme/assistant", "reporter-1", "t", None)
        secret = github.grant(Token("on-duty", issues="write", repos=["acme/assistant"]))
        async with plain_client(github.url, headers={"authorization": f"Bearer {secret}"}) as client:
            answer = await client.post(f"{REPO}/issues/1/assignees", json={"assignees": ["stranger", "ml-lead"]})
        assert answer.status_code == 201
        assert github.issue("acme/assistant", 1).assignees == ("ml-lead",)


async def test_ten_at_most(github: LocalGitHub) -> None:
    crowd = [f"person-{at}" for at in range(11)]
    github.add_repository("acme/crowded", collaborators=crowd)
    number = await github.file("acme/crowded", "reporter-1", "t", None)
    await github.assign_as("acme/crowded", number, "on-duty", *crowd[:10])
    secret = github.grant(Token("on-duty", issues="write", repos=["acme/crowded"]))
    async with plain_client(github.url, headers={"authorization": f"Bearer {secret}"}) as client:
        path = f"/repos/acme/crowded/issues/{number}/assignees"
        assert (await client.post(path, json={"assignees": [crowd[10]]})).status_code == 422
        assert (await client.post(path, json={"assignees": [crowd[0]]})).status_code == 201
    assert len(github.issue("acme/crowded", number).assignees) == 10
