"""A board's values as GitLab's JSON, in the REST API and in webhooks. Must not change anything."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sandbox.board.board import Board
from bot.sandbox.board.model import Comment, Fired, Project, Ticket

Json = dict[str, object]


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Shapes:
    def __init__(self, board: Board, base: str) -> None:
        self._board = board
        self._base = base

    def person(self, login: str) -> Json:
        return {
            "id": self._board.person(login),
            "username": login,
            "name": login,
            "state": "active",
            "avatar_url": None,
            "web_url": f"{self._base}/{login}",
        }

    def project(self, one: Project) -> Json:
        return {
            "id": one.id,
            "path_with_namespace": one.name,
            "visibility": "private" if one.private else "public",
            "web_url": f"{self._base}/{one.name}",
            "issues_enabled": True,
        }

    def label(self, name: str) -> Json:
        return {"id": 1, "name": name, "color": "#ededed", "description": None, "is_project_label": True}

    def note(self, one: Comment) -> Json:
        return {
            "id": one.id,
            "type": None,
            "body": one.body,
            "author": self.person(one.author),
            "created_at": iso(one.at),
            "updated_at": iso(one.at),
            "system": False,
            "noteable_type": "Issue",
            "internal": False,
        }

    def issue(self, one: Ticket) -> Json:
        people = [self.person(login) for login in one.assignees]
        return {
            "id": self._board.projects[one.project].id * 1_000 + one.number,
            "iid": one.number,
            "project_id": self._board.projects[one.project].id,
            "title": one.title,
            "description": one.body or None,
            "state": "closed" if one.closed else "opened",
            "created_at": iso(one.created_at),
            "updated_at": iso(one.updated_at),
            "labels": sorted(one.labels),
            "assignees": people,
            "assignee": people[0] if people else None,
            "author": self.person(one.author),
            "type": "ISSUE",
            "issue_type": "issue",
            "confidential": one.confidential,
            "discussion_locked": one.locked or None,
            "web_url": f"{self._base}/{one.project}/-/issues/{one.number}",
        }

    def issue_hook(self, fired: Fired) -> Json | None:
        """The body of an `Issue Hook`; None for what GitLab tells in another way or not at all."""
        action = _ACTIONS.get(fired.event)
        if action is None:
            return None
        one = fired.ticket
        shown: Json = {
            "id": self._board.projects[one.project].id * 1_000 + one.number,
            "iid": one.number,
            "title": one.title,
            "description": one.body,
            "state": "closed" if one.closed else "opened",
            "action": action,
            "type": "Issue",
            "confidential": one.confidential,
            "url": f"{self._base}/{one.project}/-/issues/{one.number}",
        }
        return {**self._head("issue", fired), "object_attributes": shown, "changes": self._changes(fired)}

    def note_hook(self, fired: Fired) -> Json | None:
        comment, one = fired.comment, fired.ticket
        if comment is None:
            return None
        note: Json = {
            "id": comment.id,
            "note": comment.body,
            "noteable_type": "Issue",
            "action": "create",
            "system": False,
            "url": f"{self._base}/{one.project}/-/issues/{one.number}#note_{comment.id}",
        }
        issue: Json = {"id": one.number, "iid": one.number, "title": one.title, "state": "opened"}
        return {**self._head("note", fired), "object_attributes": note, "issue": issue}

    def _head(self, kind: str, fired: Fired) -> Json:
        place = self._board.projects[fired.ticket.project]
        return {
            "object_kind": kind,
            "event_type": f"confidential_{kind}" if fired.ticket.confidential else kind,
            "user": self.person(fired.actor),
            "project": self.project(place),
        }

    def _changes(self, fired: Fired) -> Json:
        one = fired.ticket
        match fired.event:
            case "labeled" | "unlabeled":
                both = {"previous": fired.before, "current": one.labels}
                return {"labels": {name: [{"title": label} for label in value] for name, value in both.items()}}
            case "assigned" | "unassigned":
                sides = {"previous": fired.before, "current": one.assignees}
                return {"assignees": {name: [self.person(login) for login in value] for name, value in sides.items()}}
            case "edited":
                return {"title" if fired.value == "title" else "description": {"previous": "", "current": ""}}
            case _:
                return {}


_ACTIONS = {
    "opened": "open",
    "reopened": "reopen",
    "closed": "close",
    "edited": "update",
    "labeled": "update",
    "unlabeled": "update",
    "assigned": "update",
    "unassigned": "update",
}
