"""Webhooks: every act tells once, signed, in GitHub's shapes; never retried, but can be sent again."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.github import Hook, LocalGitHub, Token
from tests.sandbox.github.conftest import ClientFor
from tests.sandbox.github.listener import SECRET, Listener

REPO = "/repos/acme/assistant"


@pytest.fixture
def hook(github: LocalGitHub, listener: Listener) -> Hook:
    return github.add_hook("acme/assistant", listener.url, SECRET)


async def test_filing_tells_opened_then_each_label(github: LocalGitHub, hook: Hook, listener: Listener) -> None:
    number = await github.file("acme/assistant", "reporter-1", "Empty search", "text", ["kind: bug", "needs info"])
    await github.settle()
    assert listener.names() == ["issues.opened", "issues.labeled", "issues.labeled"]
    opened = listener.heard[0]
    assert opened.part("issue")["number"] == number
    assert opened.part("issue")["body"] == "text"
    assert opened.part("repository")["full_name"] == "acme/assistant"
    assert opened.part("repository")["private"] is True
    assert opened.part("sender")["login"] == "reporter-1"
    assert listener.heard[1].part("label")["name"] == "kind: bug"
    assert all(one.genuine for one in listener.heard)
    assert {one.hook for one in listener.heard} == {str(hook.id)}
    assert len({one.guid for one in listener.heard}) == 3


async def test_a_wrong_secret_does_not_verify(github: LocalGitHub, listener: Listener) -> None:
    github.add_hook("acme/assistant", listener.url, "another secret")
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.settle()
    assert [one.genuine for one in listener.heard] == [False]


async def test_an_edit_tells_what_was_before(github: LocalGitHub, hook: Hook, listener: Listener) -> None:
    await github.file("acme/assistant", "reporter-1", "old title", "old body")
    await github.edit("acme/assistant", 1, "on-duty", title="new title", body="new body")
    await github.edit("acme/assistant", 1, "on-duty", title="new title")
    await github.settle()
    edited = listener.only("issues.edited")
    assert edited.part("changes") == {"title": {"from": "old title"}, "body": {"from": "old body"}}
    assert edited.part("issue")["title"] == "new title"
    assert edited.part("sender")["login"] == "on-duty"


async def test_a_life_in_events(github: LocalGitHub, hook: Hook, listener: Listener) -> None:
    repo = "acme/assistant"
    await github.file(repo, "reporter-1", "t", None)
    await github.label_as(repo, 1, "on-duty", "kind: bug")
    await github.label_as(repo, 1, "on-duty", "kind: bug")
    await github.unlabel_as(repo, 1, "on-duty", "kind: bug")
    await github.assign_as(repo, 1, "on-duty", "ml-lead")
    await github.assign_as(repo, 1, "on-duty", "ml-lead")
    await github.unassign_as(repo, 1, "on-duty", "ml-lead")
    await github.comment_as(repo, 1, "ml-lead", "hm")
    await github.close(repo, 1, "ml-lead")
    await github.reopen(repo, 1, "reporter-1")
    await github.lock(repo, 1, "on-duty")
    await github.create_label_as(repo, "on-duty", "fresh")
    await github.delete(repo, 1, "on-duty")
    await github.settle()
    assert sorted(listener.names()) == sorted(
        [
            "issues.opened",
            "issues.labeled",
            "issues.unlabeled",
            "issues.assigned",
            "issues.unassigned",
            "issue_comment.created",
            "issues.closed",
            "issues.reopened",
            "issues.locked",
            "label.created",
            "issues.deleted",
        ]
    ), "a repeat tells nothing"
    of_the_issue = [name for name in listener.names() if name.startswith("issue")]
    assert (of_the_issue[0], of_the_issue[-1]) == ("issues.opened", "issues.deleted"), "one issue keeps its order"
    assert listener.only("issues.assigned").part("assignee")["login"] == "ml-lead"
    assert listener.only("issue_comment.created").part("comment")["body"] == "hm"


async def test_a_transfer_tells_both_ends(github: LocalGitHub, hook: Hook, listener: Listener) -> None:
    github.add_repository("acme/other", private=True)
    other = github.add_hook("acme/other", listener.url, SECRET)
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.transfer("acme/assistant", 1, "on-duty", "acme/other")
    await github.settle()
    left = listener.only("issues.transferred")
    assert left.part("changes").keys() == {"new_issue", "new_repository"}
    (arrived,) = [one for one in listener.heard if one.hook == str(other.id)]
    assert arrived.name == "issues.opened"
    assert arrived.part("changes").keys() == {"old_issue", "old_repository"}
    assert arrived.part("issue")["repository_url"] == f"{github.url}/repos/acme/other"


async def test_api_writes_tell_with_the_tokens_login(
    github: LocalGitHub, hook: Hook, listener: Listener, api: httpx.AsyncClient
) -> None:
    await github.file("acme/assistant", "reporter-1", "t", None)
    await api.post(f"{REPO}/issues/1/labels", json=["kind: bug"])
    await api.post(f"{REPO}/issues/1/labels", json=["kind: bug"])
    await github.settle()
    labeled = listener.only("issues.labeled")
    assert (labeled.part("sender")["login"], labeled.part("sender")["type"]) == ("strata[bot]", "Bot")


async def test_only_what_the_hook_asked_for(github: LocalGitHub, listener: Listener) -> None:
    github.add_hook("acme/assistant", listener.url, SECRET, ["issue_comment"])
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.comment_as("acme/assistant", 1, "on-duty", "c")
    await github.settle()
    assert listener.names() == ["issue_comment.created"]


async def test_ping(github: LocalGitHub, hook: Hook, listener: Listener) -> None:
    await github.ping(hook, "on-duty")
    await github.settle()
    ping = listener.only("ping")
    assert ping.payload["hook_id"] == hook.id
    assert SECRET not in str(ping.payload)


async def test_a_failed_delivery_is_not_tried_again_but_can_be_resent(
    github: LocalGitHub, hook: Hook, listener: Listener
) -> None:
    listener.answer = 503
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.settle()
    (failed,) = github.deliveries("issues.opened")
    assert (failed.status_code, failed.ok, len(listener.heard)) == (503, False, 1)
    listener.answer = 202
    again = await github.redeliver(failed.id)
    assert (again.ok, again.redelivery, again.guid) == (True, True, failed.guid)
    first, second = listener.heard
    assert (first.guid, first.payload) == (second.guid, second.payload)
    assert second.genuine


async def test_a_receiver_that_is_down_is_noted(github: LocalGitHub) -> None:
    github.add_hook("acme/assistant", "http://127.0.0.1:9/hook", SECRET)
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.settle()
    (delivery,) = github.deliveries()
    assert (delivery.status, delivery.status_code) == ("failed to connect", 0)


async def test_deliveries_can_be_listed_and_resent_by_api(
    github: LocalGitHub, hook: Hook, listener: Listener, client_for: ClientFor, api: httpx.AsyncClient
) -> None:
    admin = client_for(Token("ops-lead", repos=["acme/assistant"], hooks=True))
    listener.answer = 500
    await github.file("acme/assistant", "reporter-1", "t", None)
    await github.settle()
    path = f"{REPO}/hooks/{hook.id}/deliveries"
    (listed,) = (await admin.get(path)).json()
    assert (listed["status_code"], listed["event"], listed["action"]) == (500, "issues", "opened")
    detail = (await admin.get(f"{path}/{listed['id']}")).json()
    assert detail["request"]["headers"]["x-github-delivery"] == listed["guid"]
    listener.answer = 200
    assert (await admin.post(f"{path}/{listed['id']}/attempts")).status_code == 202
    await github.settle()
    assert [one.guid for one in listener.heard] == [listed["guid"]] * 2
    assert [one["redelivery"] for one in (await admin.get(path)).json()] == [True, False]
    assert (await api.get(path)).status_code == 404, "a token without the right to hooks does not see them"


async def test_a_slow_receiver_holds_up_only_its_own_issue(github: LocalGitHub, hook: Hook, listener: Listener) -> None:
    listener.open.clear()
    await github.file("acme/assistant", "reporter-1", "one", None, ["kind: bug"])
    await github.file("acme/assistant", "reporter-1", "two", None)
    await listener.has_heard(2)
    assert listener.names() == ["issues.opened", "issues.opened"]
    listener.open.set()
    await github.settle()
    assert listener.names() == ["issues.opened", "issues.opened", "issues.labeled"]
