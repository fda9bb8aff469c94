"""What the journal says about a client: writes, effects, repeats, duplicates, per issue."""

from __future__ import annotations

import httpx

from bot.sandbox.github import LocalGitHub

REPO = "acme/assistant"
ISSUE = f"/repos/{REPO}/issues/1"


async def test_every_write_is_there_with_its_outcome(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    await github.file(REPO, "reporter-1", "t", None)
    await api.get(ISSUE)
    await api.post(f"{ISSUE}/labels", json={"labels": ["kind: bug"]})
    await api.post(f"{ISSUE}/labels", json={"labels": ["kind: bug"]})
    await api.post(f"{ISSUE}/labels", json={"labels": ["unknown"]})
    await api.post("/repos/acme/assistant/issues/2/labels", json={"labels": ["kind: bug"]})
    seen = [(one.number, one.method, one.status, one.applied, one.changed) for one in github.writes()]
    assert seen == [
        (1, "POST", 200, True, True),
        (1, "POST", 200, True, False),
        (1, "POST", 422, False, False),
        (2, "POST", 404, False, False),
    ]
    assert github.writes()[0].body == {"labels": ["kind: bug"]}
    assert len(github.writes_on(REPO, 1)) == 3
    assert github.writes_per_issue() == {(REPO, 1): 1}
    assert len(github.journal.repeated()) == 1
    assert [one.path for one in github.journal.reads] == [ISSUE]


async def test_effects_are_the_apis_alone(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    await github.file(REPO, "reporter-1", "t", None, ["needs info"])
    await github.assign_as(REPO, 1, "on-duty", "ml-lead")
    await api.post(f"{ISSUE}/labels", json=["kind: bug"])
    await api.post(f"{ISSUE}/comments", json={"body": "hello"})
    assert [(one.actor, one.what, one.value) for one in github.effects(REPO, 1)] == [
        ("strata[bot]", "labeled", "kind: bug"),
        ("strata[bot]", "commented", "hello"),
    ]


async def test_the_same_comment_twice_is_a_duplicate(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    await github.file(REPO, "reporter-1", "t", None)
    await api.post(f"{ISSUE}/comments", json={"body": "one"})
    await api.post(f"{ISSUE}/comments", json={"body": "two"})
    assert github.duplicate_writes() == ()
    await api.post(f"{ISSUE}/comments", json={"body": "one"})
    assert [one.value for one in github.duplicate_writes()] == ["one"]


async def test_a_change_that_was_taken_back_may_be_made_again(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    await github.file(REPO, "reporter-1", "t", None)
    for _ in range(2):
        await api.post(f"{ISSUE}/labels", json=["kind: bug"])
        await api.post(f"{ISSUE}/assignees", json={"assignees": ["ml-lead"]})
        made = (await api.post(f"{ISSUE}/comments", json={"body": "one"})).json()
        await github.unlabel_as(REPO, 1, "on-duty", "kind: bug")
        await github.unassign_as(REPO, 1, "on-duty", "ml-lead")
        await api.delete(made["url"])
    assert github.duplicate_writes() == ()


async def test_what_people_write_twice_is_their_own_affair(github: LocalGitHub) -> None:
    await github.file(REPO, "reporter-1", "t", None)
    await github.comment_as(REPO, 1, "reporter-1", "any news?")
    await github.comment_as(REPO, 1, "reporter-1", "any news?")
    assert github.duplicate_writes() == ()
    assert github.writes() == ()
