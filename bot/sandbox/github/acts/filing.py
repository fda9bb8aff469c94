"""An issue's own life: filed, edited, closed, reopened, locked, deleted, transferred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from bot.sandbox.github.acts.assigning import assign, assignable
from bot.sandbox.github.acts.labelling import add_labels, known_labels
from bot.sandbox.github.answers import invalid
from bot.sandbox.github.model import Issue, Json
from bot.sandbox.github.world import Actor, Fired, World

MAX_TITLE = 256
MAX_BODY = 65_536


def file_issue(
    world: World,
    actor: Actor,
    repo: str,
    title: str,
    body: str | None,
    *,
    labels: Iterable[str] = (),
    assignees: Sequence[str] = (),
    may_create_labels: bool = False,
) -> Issue:
    """Tells `opened` first, then `labeled` and `assigned` for each, as github.com does."""
    _check(title, body)
    names = [one.name for one in known_labels(world, actor, repo, labels, may_create=may_create_labels)]
    people = assignable(world, repo, assignees)
    now = world.clock()
    issue = world.put(Issue(world.new_id(), repo, world.next_number(repo), actor.login, title, body, now, now))
    world.fire(Fired("issues", "opened", repo, actor.login, _as_filed(issue, names, people)))
    issue, _ = add_labels(world, actor, issue, names)
    issue, _ = assign(world, actor, issue, people)
    return issue


def _as_filed(issue: Issue, labels: list[str], assignees: list[str]) -> Issue:
    """The `opened` payload already shows what the issue was filed with."""
    return replace(issue, labels=tuple(labels), assignees=tuple(assignees))


def edit_issue(world: World, actor: Actor, issue: Issue, *, title: str | None, body: str | None) -> tuple[Issue, bool]:
    """None leaves a field as it is. One `edited` event carries what both fields were before."""
    new_title = issue.title if title is None else title
    new_body = issue.body if body is None else body
    _check(new_title, new_body)
    changes: Json = {}
    if new_title != issue.title:
        changes["title"] = {"from": issue.title}
    if new_body != issue.body:
        changes["body"] = {"from": issue.body or ""}
    if not changes:
        return issue, False
    line = None
    if "title" in changes:
        line = replace(world.happening(actor, "renamed"), rename=(issue.title, new_title))
    issue = world.change(issue, line, title=new_title, body=new_body)
    world.fire(Fired("issues", "edited", issue.repo, actor.login, issue, changes=changes))
    return issue, True


def close_issue(world: World, actor: Actor, issue: Issue, reason: str = "completed") -> tuple[Issue, bool]:
    if issue.state == "closed":
        return issue, False
    line = replace(world.happening(actor, "closed"), state_reason=reason)
    issue = world.change(issue, line, state="closed", state_reason=reason, closed_at=line.at, closed_by=actor.login)
    world.fire(Fired("issues", "closed", issue.repo, actor.login, issue))
    return issue, True


def reopen_issue(world: World, actor: Actor, issue: Issue) -> tuple[Issue, bool]:
    if issue.state == "open":
        return issue, False
    line = world.happening(actor, "reopened")
    issue = world.change(issue, line, state="open", state_reason="reopened", closed_at=None, closed_by=None)
    world.fire(Fired("issues", "reopened", issue.repo, actor.login, issue))
    return issue, True


LockReason = Literal["off-topic", "too heated", "resolved", "spam"]


def lock_issue(world: World, actor: Actor, issue: Issue, reason: LockReason | None = None) -> Issue:
    issue = world.change(issue, world.happening(actor, "locked"), locked=True, lock_reason=reason)
    world.fire(Fired("issues", "locked", issue.repo, actor.login, issue))
    return issue


def unlock_issue(world: World, actor: Actor, issue: Issue) -> Issue:
    issue = world.change(issue, world.happening(actor, "unlocked"), locked=False, lock_reason=None)
    world.fire(Fired("issues", "unlocked", issue.repo, actor.login, issue))
    return issue


def delete_issue(world: World, actor: Actor, issue: Issue) -> None:
    """From now on the API answers 410 for it."""
    issue = world.change(issue, world.happening(actor, "deleted"), deleted=True)
    world.fire(Fired("issues", "deleted", issue.repo, actor.login, issue))


def transfer_issue(world: World, actor: Actor, issue: Issue, to: str) -> Issue:
    """From now on the old address answers 301. Labels that the new home lacks are dropped, as on github.com."""
    target = world.repository(to).full_name
    now = world.clock()
    kept = tuple(name for name in issue.labels if world.find_label(target, name) is not None)
    people = tuple(login for login in issue.assignees if world.can_be_assigned(target, login))
    line = world.happening(actor, "transferred")
    new = world.put(
        replace(
            issue,
            id=world.new_id(),
            repo=target,
            number=world.next_number(target),
            labels=kept,
            assignees=people,
            history=(*issue.history, line),
            updated_at=now,
        )
    )
    old = world.change(replace(issue, comments=()), line, moved_to=(target, new.number))
    world.fire(Fired("issues", "transferred", old.repo, actor.login, old, moved=(target, new)))
    world.fire(Fired("issues", "opened", target, actor.login, new, moved=(old.repo, old)))
    return new


def _check(title: str, body: str | None) -> None:
    if not title.strip():
        raise invalid("Issue", "title", "missing_field")
    if len(title) > MAX_TITLE:
        raise invalid("Issue", "title", "too_long")
    if body is not None and len(body) > MAX_BODY:
        raise invalid("Issue", "body", "too_long")
