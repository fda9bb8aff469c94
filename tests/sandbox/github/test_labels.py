"""Labels: single ones come and go, unknown ones are refused, repeats change nothing."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from bot.sandbox.github import LocalGitHub, Role, Token
from tests.sandbox.github.conftest import ClientFor, plain_client

REPO = "/repos/acme/assistant"


@pytest.fixture
async def issue(github: LocalGitHub) -> str:
    return f"{REPO}/issues/{await github.file('acme/assistant', 'reporter-1', 't', None, ['needs info'])}"


def names(answer: httpx.Response) -> list[str]:
    return [label["name"] for label in answer.json()]


async def test_posting_adds_and_keeps_what_was_there(issue: str, api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{issue}/labels", json={"labels": ["kind: bug", "layer: model and evaluation"]})
    assert (answer.status_code, names(answer)) == (200, ["needs info", "kind: bug", "layer: model and evaluation"])
    assert names(await api.post(f"{issue}/labels", json=["wontfix"]))[-1] == "wontfix"
    assert names(await api.get(f"{issue}/labels")) == names(await api.post(f"{issue}/labels", json=["wontfix"]))


async def test_a_repeat_changes_nothing(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    await api.post(f"{issue}/labels", json={"labels": ["kind: bug"]})
    before = github.issue("acme/assistant", 1)
    answer = await api.post(f"{issue}/labels", json={"labels": ["KIND: Bug"]})
    assert answer.status_code == 200
    assert github.issue("acme/assistant", 1) == before
    assert [(one.applied, one.changed) for one in github.writes()] == [(True, True), (True, False)]


async def test_an_unknown_label_is_refused_and_nothing_is_added(
    github: LocalGitHub, issue: str, api: httpx.AsyncClient
) -> None:
    answer = await api.post(f"{issue}/labels", json={"labels": ["kind: bug", "kind: imagined"]})
    assert answer.status_code == 422
    assert answer.json()["message"] == "Validation Failed"
    assert answer.json()["errors"][0]["value"] == "kind: imagined"
    assert github.issue("acme/assistant", 1).labels == ("needs info",)


async def test_the_create_policy_makes_it_for_those_who_may_push() -> None:
    async with LocalGitHub(label_policy="create") as github:
        github.add_repository("acme/assistant")
        await github.file("acme/assistant", "reporter-1", "t", None)
        for role, status in ((Role.TRIAGE, 422), (Role.PUSH, 200)):
            secret = github.grant(Token("on-duty", issues="write", repos=["acme/assistant"], role=role))
            async with plain_client(github.url, headers={"authorization": f"token {secret}"}) as client:
                answer = await client.post(f"{REPO}/issues/1/labels", json={"labels": ["brand new"]})
            assert answer.status_code == status, role
        assert github.labels("acme/assistant") == {"brand new"}


async def test_taking_one_off(github: LocalGitHub, issue: str, api: httpx.AsyncClient) -> None:
    await api.post(f"{issue}/labels", json={"labels": ["kind: bug"]})
    answer = await api.delete(f"{issue}/labels/needs%20info")
    assert (answer.status_code, names(answer)) == (200, ["kind: bug"])
    again = await api.delete(f"{issue}/labels/needs%20info")
    assert (again.status_code, again.json()["message"]) == (404, "Not Found")
    assert [one.event for one in github.history("acme/assistant", 1)] == ["labeled", "labeled", "unlabeled"]


@pytest.mark.parametrize("name", ["area/search", "c#", "100 %", "frage?", "größe"])
async def test_any_name_survives_the_address(
    github: LocalGitHub, issue: str, api: httpx.AsyncClient, name: str
) -> None:
    made = await api.post(f"{REPO}/labels", json={"name": name, "color": "C0FFEE", "description": "odd"})
    assert made.status_code == 201
    assert (await api.get(made.json()["url"])).json() == made.json()
    assert made.json()["color"] == "c0ffee"
    await api.post(f"{issue}/labels", json=[name])
    assert (await api.delete(f"{issue}/labels/{quote(name, safe='')}")).status_code == 200
    assert name not in github.issue("acme/assistant", 1).labels
    assert github.writes()[-1].path == f"{issue}/labels/{name}"


async def test_a_label_exists_once(api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{REPO}/labels", json={"name": "Kind: BUG"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"resource": "Label", "field": "name", "code": "already_exists"}]


async def test_making_a_label_needs_push(client_for: ClientFor, github: LocalGitHub) -> None:
    triager = client_for(Token("on-duty", issues="write", repos=["acme/assistant"], role=Role.TRIAGE))
    assert (await triager.post(f"{REPO}/labels", json={"name": "x"})).status_code == 403
    assert "x" not in github.labels("acme/assistant")


async def test_replacing_the_list_works_and_is_remembered(
    github: LocalGitHub, issue: str, api: httpx.AsyncClient
) -> None:
    assert names(await api.put(f"{issue}/labels", json={"labels": ["kind: bug"]})) == ["kind: bug"]
    await api.patch(issue, json={"labels": []})
    await api.patch(issue, json={"title": "harmless"})
    assert github.issue("acme/assistant", 1).labels == ()
    assert [one.method for one in github.journal.replaced_lists()] == ["PUT", "PATCH"]
