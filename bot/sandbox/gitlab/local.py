"""The local GitLab: its routes, its way with labels and assignees, its signed or tokened webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime

from starlette.requests import Request

from bot.sandbox.board.asked import Asked, No
from bot.sandbox.board.hooks import Delivery, Hook
from bot.sandbox.board.local import LocalTracker, Routes
from bot.sandbox.board.model import Fired, Project, Ticket
from bot.sandbox.github.answers import Answer
from bot.sandbox.github.seed import KIND_LABELS, LAYER_LABELS, OTHER_LABELS, REPORTERS, TEAM
from bot.sandbox.gitlab.shapes import Shapes

PROJECT = "acme/assistant"
_SIGNED = "whsec_"
_API = "/api/v4/projects/{project:path}"


class LocalGitLab(LocalTracker):
    drops_labels = False
    """As for a token whose role may not set them: accepted and left out."""
    drops_assignees = False

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.board, self.url)

    def routes(self) -> Routes:
        return (
            ("GET", f"{_API}/labels", self._labels),
            ("POST", f"{_API}/labels", self._create_label),
            ("GET", f"{_API}/issues", self._issues),
            ("GET", f"{_API}/issues/{{iid:int}}", self._issue),
            ("PUT", f"{_API}/issues/{{iid:int}}", self._update),
            ("GET", f"{_API}/issues/{{iid:int}}/notes", self._notes),
            ("POST", f"{_API}/issues/{{iid:int}}/notes", self._comment),
            ("DELETE", f"{_API}/issues/{{iid:int}}/notes/{{note:int}}", self._delete_note),
            ("GET", _API, self._project),
            ("GET", "/api/v4/users", self._users),
        )

    def token_of(self, request: Request) -> str | None:
        return request.headers.get("private-token")

    def refused(self, status: int, why: str) -> No:
        return No(status, {"message": f"{status} {why}"})

    def locate(self, asked: Asked) -> None:
        asked.project = asked.path.get("project")
        asked.number = int(asked.path["iid"]) if "iid" in asked.path else None

    def delivery(self, fired: Fired, hook: Hook) -> Delivery | None:
        note = fired.event == "commented"
        body = self.shapes.note_hook(fired) if note else self.shapes.issue_hook(fired)
        if body is None:
            return None
        event = f"{'Confidential ' if fired.ticket.confidential else ''}{'Note' if note else 'Issue'} Hook"
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        name = str(uuid.uuid4())
        return Delivery(name, hook, event, headers(event, name, raw, hook.secret, int(self.board.clock())), raw)

    # What the API can do

    def _place(self, asked: Asked, *, write: bool = False) -> Project:
        name = asked.path["project"]
        place = self.board.projects.get(name)
        if place is None or (place.private and name not in asked.token.projects):
            raise self.refused(404, "Project Not Found")
        if write and not asked.token.writes:
            raise No(403, {"error": "insufficient_scope", "error_description": "The request requires more privileges"})
        return place

    def _ticket(self, asked: Asked, *, write: bool = False) -> Ticket:
        place = self._place(asked, write=write)
        found = place.ticket(int(asked.path["iid"]))
        if found is None:
            raise self.refused(404, "Issue Not Found")
        return found

    def _project(self, asked: Asked) -> Answer:
        return Answer(200, self.shapes.project(self._place(asked)))

    def _labels(self, asked: Asked) -> Answer:
        return _page(asked, [self.shapes.label(one) for one in self._place(asked).labels])

    def _create_label(self, asked: Asked) -> Answer:
        place, name = self._place(asked, write=True), str(asked.field("name") or "")
        if name in place.labels:
            raise No(409, {"message": "Label already exists"})
        place.labels.append(name)
        asked.changed = True
        return Answer(201, self.shapes.label(name))

    def _issues(self, asked: Asked) -> Answer:
        found = [one for one in self._place(asked).tickets if not one.gone]
        wanted = asked.query.get("state", "all")
        if wanted != "all":
            found = [one for one in found if one.closed == (wanted == "closed")]
        if since := asked.query.get("updated_after"):
            moment = datetime.fromisoformat(since).timestamp()
            found = [one for one in found if one.updated_at >= moment]
        if filed := asked.query.get("created_after"):
            found = [one for one in found if one.created_at >= datetime.fromisoformat(filed).timestamp()]
        by_update = asked.query.get("order_by") == "updated_at"
        found.sort(key=lambda one: one.updated_at if by_update else one.created_at)
        return _page(asked, [self.shapes.issue(one) for one in found])

    def _issue(self, asked: Asked) -> Answer:
        return Answer(200, self.shapes.issue(self._ticket(asked)))

    def _update(self, asked: Asked) -> Answer:
        one = self._ticket(asked, write=True)
        for label in _listed(asked.field("add_labels")):
            if not self.drops_labels:
                place = self.board.projects[one.project]
                place.labels += [] if label in place.labels else [label]
                asked.changed |= self.board.add_label(one, asked.actor, label)
        for label in _listed(asked.field("remove_labels")):
            asked.changed |= not self.drops_labels and self.board.remove_label(one, asked.actor, label)
        ids = asked.field("assignee_ids")
        if isinstance(ids, list) and not self.drops_assignees:
            asked.changed |= self.board.set_assignees(one, asked.actor, self._members(one, ids))
        return Answer(200, self.shapes.issue(one))

    def _members(self, one: Ticket, ids: list[object]) -> list[str]:
        """The first member of the project; who is none is left out without a word."""
        members = self.board.projects[one.project].members
        return [login for login, number in self.board.people.items() if number in ids and login in members][:1]

    def _notes(self, asked: Asked) -> Answer:
        return _page(asked, [self.shapes.note(one) for one in self._ticket(asked).comments])

    def _comment(self, asked: Asked) -> Answer:
        one = self._ticket(asked, write=True)
        if one.locked:
            raise self.refused(403, "Forbidden")
        asked.changed = True
        return Answer(201, self.shapes.note(self.board.comment(one, asked.actor, str(asked.field("body") or ""))))

    def _delete_note(self, asked: Asked) -> Answer:
        one = self._ticket(asked, write=True)
        note = next((it for it in one.comments if it.id == int(asked.path["note"])), None)
        if note is None:
            raise self.refused(404, "Note Not Found")
        self.board.delete_comment(one, asked.actor, note)
        asked.changed = True
        return Answer(204)

    def _users(self, asked: Asked) -> Answer:
        wanted = asked.query.get("username", "").casefold()
        return Answer(200, [self.shapes.person(one) for one in self.board.people if one.casefold() == wanted])


def headers(event: str, name: str, raw: bytes, secret: str, at: int) -> dict[str, str]:
    """A secret that begins with `whsec_` signs after Standard Webhooks; any other is sent as it is."""
    sent = {
        "content-type": "application/json",
        "user-agent": "GitLab/local",
        "x-gitlab-event": event,
        "x-gitlab-event-uuid": name,
        "idempotency-key": name,
    }
    if not secret.startswith(_SIGNED):
        return {**sent, "x-gitlab-token": secret}
    key = base64.b64decode(secret.removeprefix(_SIGNED))
    mac = base64.b64encode(hmac.new(key, f"{name}.{at}.".encode() + raw, hashlib.sha256).digest()).decode()
    return {**sent, "webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": f"v1,{mac}"}


def demo_project(gitlab: LocalGitLab, *, private: bool = True) -> str:
    """A small believable team; returns the project's path. The team can be assigned, reporters cannot."""
    place = gitlab.board.add_project(PROJECT, TEAM, private=private)
    place.labels += [*LAYER_LABELS, *KIND_LABELS, *OTHER_LABELS]
    for one in REPORTERS:
        gitlab.board.person(one)
    return PROJECT


def _listed(value: object) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else []


def _page(asked: Asked, found: list[dict[str, object]]) -> Answer:
    size, number = int(asked.query.get("per_page", "20")), int(asked.query.get("page", "1"))
    more = len(found) > size * number
    links = {"link": '<https://elsewhere.example/?page=2>; rel="next"'} if more else {}
    return Answer(200, found[size * (number - 1) : size * number], links)
