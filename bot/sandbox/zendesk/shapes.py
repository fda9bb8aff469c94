"""A board's values as Zendesk's JSON, in the API and in events. Must not change anything."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from bot.sandbox.board.board import Board
from bot.sandbox.board.model import Comment, Fired, Ticket

Json = dict[str, object]
_EVENTS = {
    "opened": "created",
    "closed": "status_changed",
    "reopened": "status_changed",
    "labeled": "tags_changed",
    "unlabeled": "tags_changed",
    "assigned": "agent_assignment_changed",
    "unassigned": "agent_assignment_changed",
    "commented": "comment_added",
}
INTERNAL = "internal:"
"""How the board remembers that a comment is not for the requester."""


def iso(at: float) -> str:
    """Zendesk tells whole seconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Shapes:
    def __init__(self, board: Board, base: str) -> None:
        self._board = board
        self._base = base

    def ticket(self, one: Ticket) -> Json:
        return {
            "id": one.number,
            "url": f"{self._base}/api/v2/tickets/{one.number}.json",
            "subject": one.title,
            "description": one.body,
            "status": "solved" if one.closed else "open",
            "tags": sorted(one.labels),
            "assignee_id": self._board.person(one.assignees[0]) if one.assignees else None,
            "requester_id": self._board.person(one.author),
            "submitter_id": self._board.person(one.author),
            "created_at": iso(one.created_at),
            "updated_at": iso(one.updated_at),
            "is_public": True,
        }

    def comments(self, one: Ticket) -> list[Json]:
        """The first one is the ticket's own text."""
        text = Comment(one.number * 1_000_000, one.author, one.body, one.created_at)
        return [self.comment(it) for it in (text, *one.comments)]

    def comment(self, one: Comment) -> Json:
        return {
            "id": one.id,
            "type": "Comment",
            "author_id": self._board.person(one.author),
            "body": one.body.removeprefix(INTERNAL),
            "public": not one.body.startswith(INTERNAL),
            "created_at": iso(one.at),
        }

    def event(self, fired: Fired) -> Json | None:
        """The body of an event; None for what a bot does not subscribe to."""
        kind = _EVENTS.get(fired.event, "")
        if fired.event == "edited":
            kind = "subject_changed" if fired.value == "title" else "description_changed"
        if not kind:
            return None
        one = fired.ticket
        person = {"actor_id": str(self._board.person(fired.actor))}
        assignee = {"assignee_id": str(self._board.person(one.assignees[0]))} if one.assignees else {}
        return {
            "type": f"zen:event-type:ticket.{kind}",
            "account_id": 22129848,
            "id": str(uuid.uuid4()),
            "time": iso(self._board.clock()),
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{one.number}",
            "detail": {"id": str(one.number), "subject": one.title, "tags": list(one.labels), **person, **assignee},
            "event": self._happened(fired),
        }

    def _happened(self, fired: Fired) -> Json:
        one, before = fired.ticket, set(fired.before)
        match fired.event:
            case "labeled" | "unlabeled":
                gone = [it for it in fired.before if it not in one.labels]
                return {"tags_added": [it for it in one.labels if it not in before], "tags_removed": gone}
            case "closed":
                return {"previous": "OPEN", "current": "SOLVED"}
            case "reopened":
                return {"previous": "SOLVED", "current": "OPEN"}
            case "commented":
                assert fired.comment is not None, "a comment was made"
                made = self.comment(fired.comment)
                author = {"id": str(made["author_id"]), "is_staff": True}
                return {"comment": {"id": str(made["id"]), "body": made["body"], "author": author}}
            case "edited":
                return {"previous": "", "current": one.title}
            case _:
                return {}
