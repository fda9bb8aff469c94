"""Issues that are not there any more: deleted, transferred, never filed."""

from __future__ import annotations

import httpx

from bot.sandbox.github import LocalGitHub, Token
from tests.sandbox.github.conftest import ClientFor

REPO = "/repos/acme/assistant"


async def test_a_deleted_issue_is_410(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    number = await github.file("acme/assistant", "reporter-1", "t", None)
    await github.delete("acme/assistant", number, "on-duty")
    for answer in (
        await api.get(f"{REPO}/issues/{number}"),
        await api.post(f"{REPO}/issues/{number}/labels", json={"labels": ["kind: bug"]}),
    ):
        assert (answer.status_code, answer.json()["message"]) == (410, "This issue was deleted")
    assert (await api.get(f"{REPO}/issues", params={"state": "all"})).json() == []
    assert (await github.file("acme/assistant", "reporter-1", "next", None)) == number + 1


async def test_a_transferred_issue_is_301_to_its_new_home(github: LocalGitHub, client_for: ClientFor) -> None:
    github.add_repository("acme/other", private=True, collaborators=["ml-lead"])
    both = client_for(Token("strata[bot]", is_app=True, issues="write", repos=["acme/assistant", "acme/other"]))
    number = await github.file("acme/assistant", "reporter-1", "moves", "body", ["kind: bug"])
    await github.assign_as("acme/assistant", number, "on-duty", "ml-lead", "data-lead")
    moved = await github.transfer("acme/assistant", number, "on-duty", "acme/other")
    answer = await both.get(f"{REPO}/issues/{number}")
    assert answer.status_code == 301
    new = (await both.get(answer.headers["location"])).json()
    assert new["url"] == f"{github.url}/repos/acme/other/issues/{moved}"
    assert new["title"] == "moves"
    assert new["labels"] == [], "the new home does not know this label"
    assert [one["login"] for one in new["assignees"]] == ["ml-lead"]
    write = await both.post(f"{REPO}/issues/{number}/comments", json={"body": "lost?"})
    assert write.status_code == 301
    assert github.issue("acme/other", moved).comments == ()


async def test_a_new_home_that_may_not_be_seen_is_404(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    github.add_repository("acme/secret", private=True)
    number = await github.file("acme/assistant", "reporter-1", "moves", None)
    await github.transfer("acme/assistant", number, "on-duty", "acme/secret")
    assert (await api.get(f"{REPO}/issues/{number}")).status_code == 404


async def test_what_never_was_is_404(api: httpx.AsyncClient) -> None:
    for path in (f"{REPO}/issues/1", f"{REPO}/issues/²", f"{REPO}/issues/x", "/repos/acme/none", "/nowhere"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["message"]) == (404, "Not Found"), path
