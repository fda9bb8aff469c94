"""Tokens: what a bad, a reading, a writing and a stranger's token may do."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.github import LocalGitHub, Role, Token
from tests.sandbox.github.conftest import ClientFor, plain_client

REPO = "/repos/acme/assistant"
WRITES: list[tuple[str, str, object]] = [
    ("POST", "/issues", {"title": "x"}),
    ("PATCH", "/issues/1", {"title": "x"}),
    ("POST", "/issues/1/labels", {"labels": ["kind: bug"]}),
    ("PUT", "/issues/1/labels", {"labels": []}),
    ("DELETE", "/issues/1/labels/needs%20info", None),
    ("POST", "/issues/1/assignees", {"assignees": ["ml-lead"]}),
    ("DELETE", "/issues/1/assignees", {"assignees": ["ml-lead"]}),
    ("POST", "/issues/1/comments", {"body": "x"}),
    ("POST", "/labels", {"name": "new"}),
]


@pytest.fixture
async def issue(github: LocalGitHub) -> int:
    return await github.file("acme/assistant", "reporter-1", "t", None, ["needs info"])


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_reading_token_writes_nothing(
    github: LocalGitHub, client_for: ClientFor, issue: int, method: str, path: str, body: object
) -> None:
    before, labels = github.issue("acme/assistant", issue), github.labels("acme/assistant")
    for is_app, word in ((False, "personal access token"), (True, "integration")):
        reader = client_for(Token("strata[bot]", is_app=is_app, issues="read", repos=["acme/assistant"]))
        assert (await reader.get(f"{REPO}/issues/{issue}")).status_code == 200
        answer = await reader.request(method, REPO + path, json=body)
        assert answer.status_code == 403
        assert answer.json()["message"] == f"Resource not accessible by {word}"
    assert github.issue("acme/assistant", issue) == before
    assert github.labels("acme/assistant") == labels
    assert len(github.issues("acme/assistant")) == 1
    assert not any(one.applied for one in github.writes())
    assert [one.status for one in github.writes()] == [403, 403]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_private_repository_does_not_exist_for_strangers(
    github: LocalGitHub, client_for: ClientFor, issue: int, method: str, path: str, body: object
) -> None:
    github.add_repository("acme/public")
    stranger = client_for(Token("strata[bot]", issues="write", repos=["acme/public"]))
    assert (await stranger.get(REPO)).status_code == 404
    assert (await stranger.request(method, REPO + path, json=body)).status_code == 404
    assert (await stranger.get("/repos/acme/public")).status_code == 200


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "", "Bearer"])
async def test_a_bad_token_is_401(github: LocalGitHub, header: str) -> None:
    async with plain_client(github.url, headers={"authorization": header}) as client:
        answer = await client.get(REPO)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Bad credentials"
    assert answer.json()["documentation_url"].startswith("https://docs.github.com/")


async def test_without_a_token_only_public_things_can_be_read(github: LocalGitHub) -> None:
    github.add_repository("acme/public")
    async with plain_client(github.url) as client:
        assert (await client.get("/repos/acme/public")).status_code == 200
        assert (await client.get(REPO)).status_code == 404
        assert (await client.post("/repos/acme/public/issues", json={"title": "x"})).status_code == 401
        assert (await client.get("/user")).status_code == 401


async def test_a_revoked_token_is_401(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    assert (await api.get(REPO)).status_code == 200
    github.tokens.expire_all()
    assert (await api.get(REPO)).status_code == 401


async def test_whose_token_it_is(client_for: ClientFor, api: httpx.AsyncClient) -> None:
    person = client_for(Token("on-duty", issues="read", repos=["acme/assistant"]))
    assert (await person.get("/user")).json()["login"] == "on-duty"
    assert (await api.get("/user")).status_code == 403, "an app's token has no user"


async def test_the_repository_says_what_the_token_may_do(client_for: ClientFor, api: httpx.AsyncClient) -> None:
    assert (await api.get(REPO)).json()["private"] is True
    reader = client_for(Token("on-duty", issues="read", repos=["acme/assistant"], role=Role.PUSH))
    assert (await reader.get(REPO)).json()["permissions"]["triage"] is False
    assert (await api.get(REPO)).json()["permissions"]["triage"] is True


async def test_a_secret_is_not_in_any_repr(github: LocalGitHub) -> None:
    secret = github.grant(Token("on-duty"))
    assert secret not in repr((github.tokens, github.world, github.journal, github.faults))
