"""Comments: write, change, delete. A locked issue takes none from the API.

Different from github.com: there, people with write access may still comment on a locked issue; here no API
token may, which is what an app meets.
"""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.github.answers import invalid, locked, not_found
from bot.sandbox.github.model import Comment, Issue
from bot.sandbox.github.world import Actor, Fired, World

MAX_BODY = 65_536


def comment_on(world: World, actor: Actor, issue: Issue, body: str) -> tuple[Issue, Comment]:
    if issue.locked and actor.via_api:
        raise locked()
    _check(body)
    line = world.happening(actor, "commented")
    comment = Comment(world.new_id(), actor.login, body, line.at, line.at)
    line = replace(line, comment=comment.id)
    issue = world.change(issue, line, comments=(*issue.comments, comment))
    world.fire(Fired("issue_comment", "created", issue.repo, actor.login, issue, comment=comment))
    return issue, comment


def edit_comment(world: World, actor: Actor, issue: Issue, comment_id: int, body: str) -> Comment:
    old = find_comment(issue, comment_id)
    _check(body)
    new = replace(old, body=body, updated_at=world.clock())
    issue = world.change(issue, None, comments=tuple(new if one.id == old.id else one for one in issue.comments))
    changes: dict[str, object] = {"body": {"from": old.body}}
    world.fire(Fired("issue_comment", "edited", issue.repo, actor.login, issue, comment=new, changes=changes))
    return new


def delete_comment(world: World, actor: Actor, issue: Issue, comment_id: int) -> None:
    old = find_comment(issue, comment_id)
    line = replace(world.happening(actor, "comment_deleted"), comment=old.id)
    issue = world.change(issue, line, comments=tuple(one for one in issue.comments if one.id != old.id))
    world.fire(Fired("issue_comment", "deleted", issue.repo, actor.login, issue, comment=old))


def find_comment(issue: Issue, comment_id: int) -> Comment:
    found = next((one for one in issue.comments if one.id == comment_id), None)
    if found is None:
        raise not_found()
    return found


def _check(body: str) -> None:
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    if len(body) > MAX_BODY:
        raise invalid("IssueComment", "body", "too_long")
