"""Comments of an issue."""

from __future__ import annotations

from bot.sandbox.github import access
from bot.sandbox.github.acts.commenting import comment_on, delete_comment, edit_comment, find_comment
from bot.sandbox.github.answers import Answer, not_accessible, not_found
from bot.sandbox.github.call import Body, Call, created
from bot.sandbox.github.model import Comment, Issue
from bot.sandbox.github.paging import cut, listing


class NewComment(Body):
    body: str


def list_on_issue(call: Call) -> Answer:
    """Oldest first; `since` and pages."""
    issue = call.issue()
    since = call.since()
    page, headers = cut(call, [one for one in issue.comments if int(one.updated_at) >= since])
    return listing([call.shapes.comment(issue, one) for one in page], headers)


def add(call: Call) -> Answer:
    access.may_take_part(call.token, call.repo())
    issue, comment = comment_on(call.world, call.actor, call.issue(), call.body(NewComment).body)
    call.change(changed=True)
    shape = call.shapes.comment(issue, comment)
    return created(shape, str(shape["url"]))


def read(call: Call) -> Answer:
    return Answer(200, call.shapes.comment(*_found(call)))


def change(call: Call) -> Answer:
    issue, old = _own(call)
    new = edit_comment(call.world, call.actor, issue, old.id, call.body(NewComment).body)
    call.change(changed=new.body != old.body)
    return Answer(200, call.shapes.comment(issue, new))


def remove(call: Call) -> Answer:
    issue, old = _own(call)
    delete_comment(call.world, call.actor, issue, old.id)
    call.change(changed=True)
    return Answer(204)


def _found(call: Call) -> tuple[Issue, Comment]:
    repo = call.repo().full_name
    issue = call.world.issue_of_comment(call.number("comment"))
    if issue.repo != repo or issue.deleted:
        raise not_found()
    return issue, find_comment(issue, call.number("comment"))


def _own(call: Call) -> tuple[Issue, Comment]:
    """One's own comment, or anybody's for those who may triage."""
    repo = call.repo()
    access.may_take_part(call.token, repo)
    issue, comment = _found(call)
    if comment.author.lower() != call.token.login.lower() and not access.can_triage(call.token, repo):
        raise not_accessible(is_app=call.token.is_app)
    return issue, comment
