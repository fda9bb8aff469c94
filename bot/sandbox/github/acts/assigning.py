"""Assignees: add, remove, replace; at most ten; only people the repository knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.github.answers import invalid
from bot.sandbox.github.model import MAX_ASSIGNEES, Issue, UnknownAssignee
from bot.sandbox.github.world import Actor, Fired, World


def assignable(world: World, repo: str, logins: Iterable[str]) -> list[str]:
    """These people in their own spelling; strangers are refused or dropped as `unknown_assignee` says."""
    wanted = list(dict.fromkeys(world.account(login).login for login in logins))
    strangers = [login for login in wanted if not world.can_be_assigned(repo, login)]
    if strangers and world.unknown_assignee is UnknownAssignee.REJECT:
        raise invalid("Issue", "assignees", "invalid", strangers[0])
    return [login for login in wanted if login not in strangers]


def assign(world: World, actor: Actor, issue: Issue, logins: Iterable[str]) -> tuple[Issue, bool]:
    """The issue, and whether anything changed. Whoever is assigned already stays, without a second event."""
    new = [login for login in assignable(world, issue.repo, logins) if login not in issue.assignees]
    if len(issue.assignees) + len(new) > MAX_ASSIGNEES:
        raise invalid("Issue", "assignees", "too_many")
    for login in new:
        line = replace(world.happening(actor, "assigned"), assignee=login)
        issue = world.change(issue, line, assignees=(*issue.assignees, login))
        world.fire(Fired("issues", "assigned", issue.repo, actor.login, issue, assignee=login))
    return issue, bool(new)


def unassign(world: World, actor: Actor, issue: Issue, logins: Iterable[str]) -> tuple[Issue, bool]:
    """Whoever is not assigned is silently skipped, as on github.com."""
    asked = {login.lower() for login in logins}
    gone = [login for login in issue.assignees if login.lower() in asked]
    for login in gone:
        left = tuple(one for one in issue.assignees if one != login)
        line = replace(world.happening(actor, "unassigned"), assignee=login)
        issue = world.change(issue, line, assignees=left)
        world.fire(Fired("issues", "unassigned", issue.repo, actor.login, issue, assignee=login))
    return issue, bool(gone)


def replace_assignees(world: World, actor: Actor, issue: Issue, logins: Iterable[str]) -> tuple[Issue, bool]:
    """The whole list at once, as `PATCH issue` does; a careful client never asks for it."""
    wanted = assignable(world, issue.repo, logins)
    issue, removed = unassign(world, actor, issue, [one for one in issue.assignees if one not in wanted])
    issue, added = assign(world, actor, issue, wanted)
    return issue, removed or added
