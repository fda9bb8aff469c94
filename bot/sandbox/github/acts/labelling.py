"""Labels: make one, put some on an issue, take one off, replace them all.

Putting on a label that is there already changes nothing and tells nobody, as on github.com.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.github.answers import invalid, not_found
from bot.sandbox.github.model import Issue, Label, LabelPolicy
from bot.sandbox.github.world import Actor, Fired, World


def create_label(
    world: World, actor: Actor, repo: str, name: str, *, color: str = "ededed", description: str | None = None
) -> Label:
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    if world.find_label(repo, name) is not None:
        raise invalid("Label", "name", "already_exists")
    label = Label(world.new_id(), name, color, description)
    world.put_label(repo, label)
    world.fire(Fired("label", "created", repo, actor.login, label=label))
    return label


def known_labels(world: World, actor: Actor, repo: str, names: Iterable[str], *, may_create: bool) -> list[Label]:
    """The labels of these names, in the repository's own spelling; unknown names as `label_policy` says."""
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if world.find_label(repo, name) is None]
    if unknown and not (world.label_policy is LabelPolicy.CREATE and may_create):
        raise invalid("Label", "name", "invalid", unknown[0])
    for name in unknown:
        create_label(world, actor, repo, name)
    return [world.label(repo, name) for name in wanted]


def add_labels(
    world: World, actor: Actor, issue: Issue, names: Iterable[str], *, may_create: bool = False
) -> tuple[Issue, bool]:
    """The issue, and whether anything changed."""
    changed = False
    for label in known_labels(world, actor, issue.repo, names, may_create=may_create):
        if label.name in issue.labels:
            continue
        line = replace(world.happening(actor, "labeled"), label=label.name, color=label.color)
        issue = world.change(issue, line, labels=(*issue.labels, label.name))
        world.fire(Fired("issues", "labeled", issue.repo, actor.login, issue, label=label))
        changed = True
    return issue, changed


def remove_label(world: World, actor: Actor, issue: Issue, name: str) -> Issue:
    """404 when the issue does not carry it: somebody else took it off already."""
    label = world.find_label(issue.repo, name)
    if label is None or label.name not in issue.labels:
        raise not_found()
    left = tuple(one for one in issue.labels if one != label.name)
    line = replace(world.happening(actor, "unlabeled"), label=label.name, color=label.color)
    issue = world.change(issue, line, labels=left)
    world.fire(Fired("issues", "unlabeled", issue.repo, actor.login, issue, label=label))
    return issue


def replace_labels(
    world: World, actor: Actor, issue: Issue, names: Iterable[str], *, may_create: bool = False
) -> tuple[Issue, bool]:
    """The whole list at once. This is how other people's labels get lost; a careful client never asks for it."""
    wanted = known_labels(world, actor, issue.repo, names, may_create=may_create)
    keep = {label.name for label in wanted}
    lost = [name for name in issue.labels if name not in keep]
    for name in lost:
        issue = remove_label(world, actor, issue, name)
    issue, added = add_labels(world, actor, issue, [label.name for label in wanted])
    return issue, added or bool(lost)
