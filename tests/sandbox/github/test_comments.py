"""Comments: posted, paged, changed, deleted; none on a locked issue."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.github import LocalGitHub, Role, Token
from tests.sandbox.github.conftest import ClientFor

REPO = "/repos/acme/assistant"


@pytest.fixture
async def issue(github: LocalGitHub) -> str:
    return f"{REPO}/issues/{await github.file('acme/assistant', 'reporter-1', 't', None)}"


async def test_posting_and_reading_back(issue: str, api: httpx.AsyncClient) -> None:
    made = await api.post(f"{issue}/comments", json={"body": "First look: retrieval."})
    assert made.status_code == 201
    assert made.json()["user"]["type"] == "Bot"
    assert (await api.get(made.json()["url"])).json() == made.json()
    assert (await api.get(issue)).json()["comments"] == 1


async def test_all_pages_oldest_first(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    for at in range(45):
        await github.comment_as("acme/assistant", 1, "reporter-1", f"comment {at}")
    bodies: list[str] = []
    url: str | None = f"{issue}/comments?per_page=20"
    while url:
        page = await api.get(url)
        bodies += [one["body"] for one in page.json()]
        url = page.links.get("next", {}).get("url")
    assert bodies == [f"comment {at}" for at in range(45)]


async def test_changing_and_deleting(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    made = (await api.post(f"{issue}/comments", json={"body": "one"})).json()
    assert (await api.patch(made["url"], json={"body": "two"})).json()["body"] == "two"
    assert (await api.delete(made["url"])).status_code == 204
    assert (await api.get(made["url"])).status_code == 404
    assert github.issue("acme/assistant", 1).comments == ()


async def test_other_peoples_comments_need_triage(github: LocalGitHub, issue: str, client_for: ClientFor) -> None:
    comment = await github.comment_as("acme/assistant", 1, "ml-lead", "mine")
    other = client_for(Token("reporter-2", issues="write", repos=["acme/assistant"], role=Role.READ))
    assert (await other.patch(f"{REPO}/issues/comments/{comment}", json={"body": "yours"})).status_code == 403
    assert (await other.post(f"{issue}/comments", json={"body": "allowed"})).status_code == 201


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": "x" * 65_537}])
async def test_a_comment_needs_a_reasonable_text(issue: str, api: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert (await api.post(f"{issue}/comments", json=body)).status_code == 422


async def test_a_locked_issue_takes_none(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    await github.lock("acme/assistant", 1, "on-duty", "too heated")
    answer = await api.post(f"{issue}/comments", json={"body": "but"})
    assert answer.status_code == 403
    assert answer.json()["message"] == "Unable to create comment because issue is locked."
    shown = (await api.get(issue)).json()
    assert (shown["locked"], shown["active_lock_reason"]) == (True, "too heated")
    await github.unlock("acme/assistant", 1, "on-duty")
    assert (await api.post(f"{issue}/comments", json={"body": "now"})).status_code == 201
