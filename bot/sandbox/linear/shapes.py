"""A board's values as Linear's JSON: what GraphQL selects from, and what webhooks carry. Must not change anything."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from bot.sandbox.board.board import Board
from bot.sandbox.board.model import Comment, Fired, Project, Ticket
from bot.sandbox.linear.connections import connection

Json = dict[str, object]
WORKSPACE = "acme"
_NAMES = uuid.UUID("5f1f3f5a-0000-4000-8000-000000000000")


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def id_of(kind: str, name: object) -> str:
    """The same for the same thing, for as long as anybody asks."""
    return str(uuid.uuid5(_NAMES, f"{kind} {name}"))


class Shapes:
    def __init__(self, board: Board, base: str) -> None:
        self._board = board
        self._base = base

    # What GraphQL may select from

    def person(self, login: str) -> Json:
        shown = {"name": login.replace("-", " ").title(), "displayName": login}
        return {"id": id_of("person", login), **shown, "app": False, "active": True, "isAssignable": True}

    def team(self, one: Project) -> Json:
        visibility = "private" if one.private else "public"
        return {"id": id_of("team", one.name), "key": one.name, "name": one.name, "visibility": visibility}

    def label(self, name: str, team: Project | None) -> Json:
        shown = {"id": id_of("label", name), "name": name, "isGroup": False}
        return {**shown, "team": None if team is None else self.team(team)}

    def comment(self, one: Comment) -> Json:
        said = {"id": comment_id(one), "body": one.body, "createdAt": iso(one.at)}
        return {**said, "user": self.person(one.author), "botActor": None, "externalUser": None}

    def issue(self, one: Ticket) -> Json:
        place = self._board.projects[one.project]
        return {
            "id": id_of("issue", identifier(one)),
            "identifier": identifier(one),
            "number": one.number,
            "title": one.title,
            "description": one.body or None,
            "url": f"{self._base}/{WORKSPACE}/issue/{identifier(one)}",
            "createdAt": iso(one.created_at),
            "updatedAt": iso(one.updated_at),
            "archivedAt": None,
            "trashed": None,
            "team": self.team(place),
            "state": state(one),
            "assignee": self.person(one.assignees[0]) if one.assignees else None,
            "creator": self.person(one.author),
            "botActor": None,
            "labels": connection([self.label(name, place) for name in one.labels]),
            # The newest first, as everywhere in Linear.
            "comments": connection([self.comment(it) for it in reversed(one.comments)]),
        }

    # What webhooks carry

    def event(self, fired: Fired) -> Json | None:
        """A delivery without what belongs to the sending; None for what this Linear tells nobody."""
        data, kind = self._hooked_issue(fired.ticket), "Issue"
        if fired.event == "commented" and fired.comment is not None:
            data, kind = self._hooked_comment(fired.ticket, fired.comment), "Comment"
        elif fired.event == "unassigned" and fired.ticket.assignees:
            return None  # one person took another's place: one change
        elif fired.event not in _TOLD:
            return None
        action = "create" if fired.event in {"opened", "commented"} else "update"
        told: Json = {"action": action, "type": kind, "actor": {**self._account(fired.actor), "type": "user"}}
        told |= {"data": data, "url": f"{self._base}/{WORKSPACE}/issue/{identifier(fired.ticket)}"}
        return told if action == "create" else {**told, "updatedFrom": self._before(fired)}

    def _account(self, login: str) -> Json:
        """Webhooks do not tell the display name."""
        named = {"id": id_of("person", login), "name": login.replace("-", " ").title()}
        return {**named, "email": f"{login}@example.com", "url": f"{self._base}/{WORKSPACE}/profiles/{login}"}

    def _hooked_issue(self, one: Ticket) -> Json:
        team = self.team(self._board.projects[one.project])
        assignee = self._account(one.assignees[0]) if one.assignees else None
        kept = {name: value for name, value in self.issue(one).items() if name in _PLAIN}
        return {
            **kept,
            "team": {name: team[name] for name in ("id", "key", "name")},
            "teamId": team["id"],
            "state": state(one),
            "stateId": state(one)["id"],
            "labels": [{"id": id_of("label", name), "name": name, "color": "#ededed"} for name in one.labels],
            "labelIds": [id_of("label", name) for name in one.labels],
            "assigneeId": assignee["id"] if assignee else None,
            **({"assignee": assignee} if assignee else {}),
            **({"completedAt": iso(one.updated_at)} if one.closed else {}),
        }

    def _hooked_comment(self, one: Ticket, comment: Comment) -> Json:
        team = self.team(self._board.projects[one.project])
        about = {"id": id_of("issue", identifier(one)), "identifier": identifier(one), "title": one.title}
        said = {"id": comment_id(comment), "body": comment.body, "createdAt": iso(comment.at)}
        return {**said, "issueId": about["id"], "issue": {**about, "teamId": team["id"], "team": team}}

    def _before(self, fired: Fired) -> Json:
        at = iso(fired.ticket.updated_at)
        match fired.event:
            case "labeled" | "unlabeled":
                changed: Json = {"labelIds": [id_of("label", name) for name in fired.before]}
            case "assigned" | "unassigned":
                changed = {"assigneeId": id_of("person", fired.before[0]) if fired.before else None}
            case "closed":
                changed = {"stateId": id_of("state", "unstarted"), "completedAt": None}
            case "reopened":
                changed = {"stateId": id_of("state", "completed"), "completedAt": at}
            case _:
                changed = {"title" if fired.value == "title" else "description": ""}
        return {"updatedAt": at, **changed}


def comment_id(one: Comment) -> str:
    return one.chosen or id_of("comment", one.id)


def identifier(one: Ticket) -> str:
    return f"{one.project}-{one.number}"


def state(one: Ticket) -> Json:
    kind = "completed" if one.closed else "unstarted"
    return {"id": id_of("state", kind), "name": "Done" if one.closed else "Todo", "type": kind}


_PLAIN = frozenset({"id", "identifier", "number", "title", "description", "url", "createdAt", "updatedAt"})
_TOLD = frozenset({"opened", "edited", "labeled", "unlabeled", "assigned", "unassigned", "closed", "reopened"})
