"""What a webhook carries: GitHub's payload for each thing that can happen.

Owns the payload shapes. Must not sign or send (`webhooks`).
"""

from __future__ import annotations

from bot.sandbox.github.model import Issue, Json
from bot.sandbox.github.shapes import Shapes
from bot.sandbox.github.world import Fired


def payload(shapes: Shapes, fired: Fired) -> Json:
    out: Json = {"action": fired.action}
    if fired.issue is not None:
        out["issue"] = shapes.issue(fired.issue)
    if fired.comment is not None and fired.issue is not None:
        out["comment"] = shapes.comment(fired.issue, fired.comment)
    if fired.label is not None:
        out["label"] = shapes.label(fired.repo, fired.label)
    if fired.assignee is not None:
        out["assignee"] = shapes.user(fired.assignee)
    changes = fired.changes if fired.moved is None else _move(shapes, fired.action, *fired.moved)
    if changes is not None:
        out["changes"] = changes
    repo = shapes.world.repository(fired.repo)
    out["repository"] = shapes.repository(repo)
    if repo.owner.type == "Organization":
        out["organization"] = shapes.organization(repo.owner)
    out["sender"] = shapes.user(fired.sender)
    return out


def _move(shapes: Shapes, action: str, repo: str, issue: Issue) -> Json:
    """A transfer tells twice: `transferred` names the new home, `opened` there names the old one."""
    word = "new" if action == "transferred" else "old"
    return {
        f"{word}_issue": shapes.issue(issue),
        f"{word}_repository": shapes.repository(shapes.world.repository(repo)),
    }


def ping(shapes: Shapes, repo: str, hook: Json, sender: str) -> Json:
    return {
        "zen": "Keep it logically awesome.",
        "hook_id": hook["id"],
        "hook": hook,
        "repository": shapes.repository(shapes.world.repository(repo)),
        "sender": shapes.user(sender),
    }
