"""Issues: list, file, read, change."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.sandbox.github import access
from bot.sandbox.github.acts.assigning import replace_assignees
from bot.sandbox.github.acts.filing import close_issue, edit_issue, file_issue, reopen_issue
from bot.sandbox.github.acts.labelling import replace_labels
from bot.sandbox.github.answers import Answer, not_accessible
from bot.sandbox.github.call import Body, Call, created
from bot.sandbox.github.model import Issue
from bot.sandbox.github.paging import cut, listing


class LabelName(Body):
    name: str


class NewIssue(Body):
    title: str
    body: str | None = None
    labels: list[str | LabelName] = Field(default_factory=list)
    assignees: list[str] = Field(default_factory=list)


class IssueChange(Body):
    title: str | None = None
    body: str | None = None
    state: Literal["open", "closed"] | None = None
    state_reason: Literal["completed", "not_planned", "duplicate", "reopened"] | None = None
    labels: list[str | LabelName] | None = None
    assignees: list[str] | None = None


def names(labels: list[str | LabelName]) -> list[str]:
    return [one if isinstance(one, str) else one.name for one in labels]


def list_issues(call: Call) -> Answer:
    """`state`, `since`, `labels`, `assignee`, `sort`, `direction` and pages."""
    repo, since = call.repo().full_name, call.since()
    asked = (repo, since, {name: value for name, value in call.query.items() if name not in {"page", "per_page"}})
    page, headers = cut(call, call.world.listed(asked, lambda: _found(call, repo, since)))
    return listing([call.shapes.issue(one) for one in page], headers)


def _found(call: Call, repo: str, since: float) -> list[Issue]:
    there = call.world.issues(repo)
    found = [one for one in there if int(one.updated_at) >= since and _wanted(one, call.query)]
    field = call.query.get("sort", "created")
    found.sort(key=lambda one: (_sort_value(one, field), one.number), reverse=call.query.get("direction") != "asc")
    return found


def _sort_value(issue: Issue, field: str) -> float:
    match field:
        case "updated":
            return issue.updated_at
        case "comments":
            return len(issue.comments)
        case _:
            return issue.created_at


def _wanted(issue: Issue, query: dict[str, str]) -> bool:
    state = query.get("state", "open")
    if state not in {"all", issue.state}:
        return False
    asked = {one.strip().lower() for one in query.get("labels", "").split(",") if one.strip()}
    if not asked <= {one.lower() for one in issue.labels}:
        return False
    match query.get("assignee"):
        case None | "*":
            return True
        case "none":
            return not issue.assignees
        case login:
            return login.lower() in {one.lower() for one in issue.assignees}


def file(call: Call) -> Answer:
    """Without triage permission labels and assignees are silently left out, as on github.com."""
    repo = call.repo()
    access.may_take_part(call.token, repo)
    new = call.body(NewIssue)
    full = access.can_triage(call.token, repo)
    issue = file_issue(
        call.world,
        call.actor,
        repo.full_name,
        new.title,
        new.body,
        labels=names(new.labels) if full else (),
        assignees=new.assignees if full else (),
        may_create_labels=access.can_push(call.token, repo),
    )
    call.change(changed=True)
    return created(call.shapes.issue(issue), call.shapes.issue_url(repo.full_name, issue.number))


def read(call: Call) -> Answer:
    return Answer(200, call.shapes.issue(call.issue()))


def change(call: Call) -> Answer:
    """Labels and assignees given here replace the whole list. Without permission they are silently left out."""
    repo = call.repo()
    access.may_take_part(call.token, repo)
    issue, asked = call.issue(), call.body(IssueChange)
    full = access.can_triage(call.token, repo)
    if not full and issue.author.lower() != call.token.login.lower():
        raise not_accessible(is_app=call.token.is_app)
    issue, changed = edit_issue(call.world, call.actor, issue, title=asked.title, body=asked.body)
    done = [changed]
    if asked.state is not None:
        issue, changed = _set_state(call, issue, asked)
        done.append(changed)
    if full and asked.labels is not None:
        push = access.can_push(call.token, repo)
        issue, changed = replace_labels(call.world, call.actor, issue, names(asked.labels), may_create=push)
        done.append(changed)
    if full and asked.assignees is not None:
        issue, changed = replace_assignees(call.world, call.actor, issue, asked.assignees)
        done.append(changed)
    call.change(changed=any(done))
    return Answer(200, call.shapes.issue(issue))


def _set_state(call: Call, issue: Issue, asked: IssueChange) -> tuple[Issue, bool]:
    if asked.state == "closed":
        return close_issue(call.world, call.actor, issue, asked.state_reason or "completed")
    return reopen_issue(call.world, call.actor, issue)
