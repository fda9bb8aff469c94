"""Assignees: who can be one, add, remove."""

from __future__ import annotations

from bot.sandbox.github import access
from bot.sandbox.github.acts.assigning import assign, unassign
from bot.sandbox.github.answers import Answer, not_found
from bot.sandbox.github.call import Body, Call, created
from bot.sandbox.github.paging import cut, listing


class Assignees(Body):
    assignees: list[str]


def list_assignable(call: Call) -> Answer:
    page, headers = cut(call, sorted(call.repo().collaborators))
    return listing([call.shapes.user(one) for one in page], headers)


def can_be_assigned(call: Call) -> Answer:
    """204 yes, 404 no."""
    if not call.world.can_be_assigned(call.repo().full_name, call.path["login"]):
        raise not_found()
    return Answer(204)


def add(call: Call) -> Answer:
    access.may_triage(call.token, call.repo())
    issue, changed = assign(call.world, call.actor, call.issue(), call.body(Assignees).assignees)
    call.change(changed=changed)
    return created(call.shapes.issue(issue))


def remove(call: Call) -> Answer:
    access.may_triage(call.token, call.repo())
    issue, changed = unassign(call.world, call.actor, call.issue(), call.body(Assignees).assignees)
    call.change(changed=changed)
    return Answer(200, call.shapes.issue(issue))
