"""A board's values as Jira's JSON, in the REST API and in webhooks. Must not change anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.sandbox.board.board import Board
from bot.sandbox.board.model import Comment, Fired, Ticket
from bot.sandbox.jira.texts import document, wiki

Json = dict[str, object]
_EVENTS = {"opened": "jira:issue_created", "commented": "comment_created", "comment_deleted": "comment_deleted"}


def when(at: float) -> str:
    """Jira writes the zone without a colon."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


class Shapes:
    def __init__(self, board: Board, base: str, *, cloud: bool) -> None:
        self._board = board
        self._base = base
        self._cloud = cloud

    def person(self, login: str) -> Json:
        if self._cloud:
            kind = "app" if login.endswith("-app") else "atlassian"
            return {"accountId": login, "accountType": kind, "displayName": login, "active": True}
        return {"name": login, "key": f"JIRAUSER{10_000 + self._board.person(login)}", "displayName": login}

    def body(self, text: str) -> object:
        """Comments of the Cloud are stored as the documents they came as."""
        if not self._cloud:
            return text
        return json.loads(text) if text.startswith('{"') else document(text)

    def comment(self, one: Comment) -> Json:
        return {
            "id": str(one.id),
            "author": self.person(one.author),
            "updateAuthor": self.person(one.author),
            "body": self.body(one.body),
            "created": when(one.at),
            "updated": when(one.at),
            **({"jsdPublic": True} if self._cloud else {}),
        }

    def key(self, one: Ticket) -> str:
        return f"{one.project}-{one.number}"

    def issue(self, one: Ticket, *, told: bool = False) -> Json:
        """`told`: as webhooks tell it, with texts in wiki markup and no security level."""
        assignee = self.person(one.assignees[0]) if one.assignees else None
        category, name = ("done", "Done") if one.closed else ("new", "To Do")
        fields: Json = {
            "summary": one.title,
            "description": (one.body if told else self.body(one.body)) if one.body else None,
            "status": {"name": name, "statusCategory": {"key": category, "name": name}},
            "resolution": {"name": "Done"} if one.closed else None,
            "issuetype": {"name": "Task", "subtask": False, **({"hierarchyLevel": 0} if self._cloud else {})},
            "project": {"key": one.project},
            "labels": list(one.labels),
            "assignee": assignee,
            "reporter": self.person(one.author),
            "creator": self.person(one.author),
            "created": when(one.created_at),
            "updated": when(one.updated_at),
            "security": {"id": "10000", "name": "Internal"} if one.confidential else None,
        }
        number = self._board.projects[one.project].id * 1_000 + one.number
        return {"id": str(number), "key": self.key(one), "self": f"{self._base}/issue/{number}", "fields": fields}

    def hook(self, fired: Fired) -> Json:
        """The body of a webhook, of either flavour: the texts are wiki markup in both."""
        head: Json = {
            "timestamp": int(self._board.clock() * 1000),
            "webhookEvent": _EVENTS.get(fired.event, "jira:issue_updated"),
            "issue": self.issue(fired.ticket, told=True),
        }
        if fired.comment is not None:
            text = wiki(self.body(fired.comment.body)) if self._cloud else fired.comment.body
            return {**head, "comment": {**self.comment(fired.comment), "body": text}}
        items = self._items(fired)
        more: Json = {"changelog": {"id": "10100", "items": items}} if items else {}
        return {**head, "user": self.person(fired.actor), **more}

    def _items(self, fired: Fired) -> list[Json]:
        one, before = fired.ticket, " ".join(fired.before)
        match fired.event:
            case "labeled" | "unlabeled":
                return [_item("labels", before, " ".join(one.labels))]
            case "assigned" | "unassigned":
                return [_item("assignee", before, " ".join(one.assignees))]
            case "edited":
                return [_item("summary" if fired.value == "title" else "description", "", one.title)]
            case "closed":
                return [_item("status", "To Do", "Done"), _item("resolution", None, "Done")]
            case "reopened":
                return [_item("status", "Done", "To Do"), _item("resolution", "Done", None)]
            case _:
                return []


def _item(field: str, before: str | None, after: str | None) -> Json:
    return {"field": field, "fieldtype": "jira", "fromString": before, "toString": after}
