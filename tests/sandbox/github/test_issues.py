"""Filing, reading, listing and changing issues through the API."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.github import LocalGitHub, Role, Token
from bot.sandbox.github.model import iso
from tests.sandbox.github.conftest import ClientFor, plain_client

REPO = "/repos/acme/assistant"


async def test_an_issue_reads_as_github_shows_it(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    number = await github.file("acme/assistant", "reporter-1", "Search is empty", "since today", ["kind: bug"])
    await github.assign_as("acme/assistant", number, "on-duty", "data-lead")
    issue = (await api.get(f"{REPO}/issues/{number}")).json()
    assert issue["number"] == number
    assert issue["title"] == "Search is empty"
    assert issue["body"] == "since today"
    assert issue["user"]["login"] == "reporter-1"
    assert issue["user"]["type"] == "User"
    assert [label["name"] for label in issue["labels"]] == ["kind: bug"]
    assert issue["assignee"]["login"] == "data-lead"
    assert [one["login"] for one in issue["assignees"]] == ["data-lead"]
    assert (issue["state"], issue["state_reason"], issue["closed_at"], issue["locked"]) == ("open", None, None, False)
    assert issue["author_association"] == "NONE"
    assert issue["repository_url"] == f"{github.url}{REPO}"
    assert issue["html_url"] == f"{github.url}/acme/assistant/issues/{number}"
    assert "pull_request" not in issue


async def test_filing_answers_201_with_the_new_issue(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{REPO}/issues", json={"title": "New", "labels": ["kind: task"], "assignees": ["ml-lead"]})
    assert answer.status_code == 201
    assert answer.headers["location"] == answer.json()["url"]
    issue = github.issue("acme/assistant", answer.json()["number"])
    assert (issue.author, issue.labels, issue.assignees) == ("strata[bot]", ("kind: task",), ("ml-lead",))


async def test_without_triage_permission_labels_and_assignees_are_silently_dropped(
    github: LocalGitHub, client_for: ClientFor
) -> None:
    reporter = client_for(Token("reporter-1", issues="write", repos=["acme/assistant"], role=Role.READ))
    answer = await reporter.post(
        f"{REPO}/issues", json={"title": "x", "labels": ["kind: bug"], "assignees": ["ml-lead"]}
    )
    assert answer.status_code == 201
    assert answer.json()["labels"] == []
    assert answer.json()["assignees"] == []
    number = answer.json()["number"]
    answer = await reporter.patch(f"{REPO}/issues/{number}", json={"title": "y", "labels": ["kind: bug"]})
    assert answer.status_code == 200
    issue = github.issue("acme/assistant", number)
    assert (issue.title, issue.labels) == ("y", ())


@pytest.mark.parametrize("body", [{}, {"title": 7}, {"title": "x", "labels": "kind: bug"}, {"title": " "}])
async def test_a_body_that_does_not_fit_is_422(api: httpx.AsyncClient, github: LocalGitHub, body: object) -> None:
    answer = await api.post(f"{REPO}/issues", json=body)
    assert answer.status_code == 422
    assert answer.json()["status"] == "422"
    assert github.issues("acme/assistant") == ()


async def test_a_body_that_is_not_json_is_400(api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{REPO}/issues", content=b"{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


async def test_closing_and_reopening(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    number = await github.file("acme/assistant", "reporter-1", "t", None)
    issue = f"{REPO}/issues/{number}"
    closed = (await api.patch(issue, json={"state": "closed", "state_reason": "not_planned"})).json()
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["login"]) == (
        "closed",
        "not_planned",
        "strata[bot]",
    )
    again = (await api.patch(issue, json={"state": "open"})).json()
    assert (again["state"], again["state_reason"], again["closed_at"]) == ("open", "reopened", None)


async def test_every_change_moves_updated_at_in_whole_seconds() -> None:
    now = 1_800_000_000.25

    async with LocalGitHub(clock=lambda: now) as github:
        github.add_repository("acme/assistant")
        github.add_label("acme/assistant", "kind: bug")
        number = await github.file("acme/assistant", "reporter-1", "t", None)
        now += 0.5
        await github.label_as("acme/assistant", number, "on-duty", "kind: bug")
        shown = await _updated_at(github, number)
        assert shown == iso(1_800_000_000), "two changes within a second share their time stamp"
        now += 1
        await github.comment_as("acme/assistant", number, "on-duty", "looking")
        assert await _updated_at(github, number) == iso(1_800_000_001)


async def _updated_at(github: LocalGitHub, number: int) -> str:
    async with plain_client(github.url) as client:
        return str((await client.get(f"{REPO}/issues/{number}")).json()["updated_at"])


async def test_listing_filters_sorts_and_pages(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    for at in range(7):
        await github.file("acme/assistant", "reporter-1", f"issue {at + 1}", None, ["kind: bug"] if at % 2 else [])
    await github.close("acme/assistant", 7, "on-duty")
    page = await api.get(f"{REPO}/issues", params={"per_page": 4, "direction": "asc"})
    assert [one["number"] for one in page.json()] == [1, 2, 3, 4]
    assert 'rel="next"' in page.headers["link"]
    following = await api.get(page.links["next"]["url"])
    assert [one["number"] for one in following.json()] == [5, 6]
    assert "next" not in following.links
    assert following.links["first"]["url"].endswith("page=1")
    everything = await api.get(f"{REPO}/issues", params={"state": "all"})
    assert [one["number"] for one in everything.json()] == [7, 6, 5, 4, 3, 2, 1]
    bugs = await api.get(f"{REPO}/issues", params={"labels": "kind: bug"})
    assert [one["number"] for one in bugs.json()] == [6, 4, 2]


async def test_since_takes_what_changed_from_then_on() -> None:
    now = 1_800_000_000.0
    async with LocalGitHub(clock=lambda: now) as github, plain_client(github.url) as client:
        github.add_repository("acme/assistant")
        old = await github.file("acme/assistant", "reporter-1", "old", None)
        now += 100
        new = await github.file("acme/assistant", "reporter-1", "new", None)
        since = {"since": iso(now)}
        assert [one["number"] for one in (await client.get(f"{REPO}/issues", params=since)).json()] == [new]
        await github.comment_as("acme/assistant", old, "on-duty", "still true?")
        listed = await client.get(f"{REPO}/issues", params=since | {"sort": "updated", "direction": "asc"})
        assert [one["number"] for one in listed.json()] == [old, new]
        assert (await client.get(f"{REPO}/issues", params={"since": "yesterday"})).status_code == 422


async def test_an_unchanged_answer_is_304(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    number = await github.file("acme/assistant", "reporter-1", "t", None)
    first = await api.get(f"{REPO}/issues/{number}")
    etag = {"if-none-match": first.headers["etag"]}
    assert (await api.get(f"{REPO}/issues/{number}", headers=etag)).status_code == 304
    await github.comment_as("acme/assistant", number, "on-duty", "hello")
    assert (await api.get(f"{REPO}/issues/{number}", headers=etag)).status_code == 200


async def test_history_tells_who_did_what(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    number = await github.file("acme/assistant", "reporter-1", "t", None)
    await github.label_as("acme/assistant", number, "on-duty", "kind: bug")
    await api.post(f"{REPO}/issues/{number}/assignees", json={"assignees": ["ml-lead"]})
    await github.comment_as("acme/assistant", number, "ml-lead", "mine")
    await github.edit("acme/assistant", number, "reporter-1", title="better title")
    timeline = (await api.get(f"{REPO}/issues/{number}/timeline")).json()
    assert [(one["event"], one["actor"]["login"]) for one in timeline] == [
        ("labeled", "on-duty"),
        ("assigned", "strata[bot]"),
        ("commented", "ml-lead"),
        ("renamed", "reporter-1"),
    ]
    assert timeline[2]["body"] == "mine"
    events = (await api.get(f"{REPO}/issues/{number}/events")).json()
    assert [one["event"] for one in events] == ["labeled", "assigned", "renamed"]
    assert events[0]["label"]["name"] == "kind: bug"
    assert events[2]["rename"] == {"from": "t", "to": "better title"}
    assert [one.via_api for one in github.history("acme/assistant", number)] == [False, True, False, False]


async def test_a_list_that_is_asked_for_again_tells_what_has_changed(
    github: LocalGitHub, api: httpx.AsyncClient
) -> None:
    async def titles() -> list[str]:
        return [one["title"] for one in (await api.get(f"{REPO}/issues")).json()]

    await github.file("acme/assistant", "reporter-1", "first", None)
    assert await titles() == ["first"]
    await github.file("acme/assistant", "reporter-1", "second", None)
    assert await titles() == ["second", "first"]
    await github.close("acme/assistant", 1, "on-duty")
    assert await titles() == ["second"]
