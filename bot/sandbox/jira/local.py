"""The local Jira: its routes, its two flavours, its way with labels and the assignee, its signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable

from starlette.requests import Request

from bot.sandbox.board.asked import Asked, No, Token
from bot.sandbox.board.hooks import Delivery, Hook
from bot.sandbox.board.local import LocalTracker, Routes
from bot.sandbox.board.model import Comment, Fired, Project, Ticket
from bot.sandbox.github.answers import Answer
from bot.sandbox.github.seed import REPORTERS, TEAM
from bot.sandbox.jira.questions import Unreadable, ask, project_of
from bot.sandbox.jira.shapes import Shapes
from bot.sandbox.jira.texts import is_document

PROJECT = "ASSIST"
ANYBODY = Token("anybody", frozenset())


class LocalJira(LocalTracker):
    drops_labels = False
    """As on an issue whose edit screen does not show them: accepted and left out."""
    drops_assignees = False

    def __init__(self, *, cloud: bool = True, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        super().__init__(port=port, clock=clock)
        self.cloud = cloud

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.board, f"{self.url}{self._rest}", cloud=self.cloud)

    @property
    def _rest(self) -> str:
        return f"/rest/api/{3 if self.cloud else 2}"

    def routes(self) -> Routes:
        issue = f"{self._rest}/issue/{{key}}"
        return (
            ("GET", f"{self._rest}{'/search/jql' if self.cloud else '/search'}", self._search),
            ("GET", f"{self._rest}/mypermissions", self._permissions),
            ("GET", issue, self._issue),
            ("PUT", issue, self._update),
            ("PUT", f"{issue}/assignee", self._assign),
            ("GET", f"{issue}/comment", self._comments),
            ("POST", f"{issue}/comment", self._comment),
            ("DELETE", f"{issue}/comment/{{comment:int}}", self._delete_comment),
        )

    def token_of(self, request: Request) -> str | None:
        """The Cloud takes `account:token` as Basic, a server a token as Bearer."""
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic" and self.cloud:
            return base64.b64decode(shown).decode().partition(":")[2]
        return shown if kind == "Bearer" and not self.cloud else None

    def _who(self, request: Request) -> Token:
        return super()._who(request) if "authorization" in request.headers else ANYBODY

    def refused(self, status: int, why: str) -> No:
        return No(status, {"errorMessages": [why], "errors": {}})

    def locate(self, asked: Asked) -> None:
        project, _, number = asked.path.get("key", "").rpartition("-")
        asked.project = project or None
        asked.number = int(number) if number.isdecimal() else None

    def delivery(self, fired: Fired, hook: Hook) -> Delivery | None:
        body = self.shapes.hook(fired)
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        name = str(uuid.uuid4())
        return Delivery(name, hook, str(body["webhookEvent"]), headers(name, raw, hook.secret), raw)

    # What the API can do

    def _place(self, asked: Asked, name: str, *, write: bool = False) -> Project:
        place = self.board.projects.get(name)
        if place is None or (place.private and name not in asked.token.projects):
            raise self.refused(404, "Issue does not exist or you do not have permission to see it.")
        if write and not asked.token.writes:
            raise self.refused(403, "You do not have permission to edit issues in this project.")
        return place

    def _ticket(self, asked: Asked, *, write: bool = False) -> Ticket:
        place = self._place(asked, asked.project or "", write=write)
        found = place.ticket(asked.number or 0)
        if found is None or (found.confidential and place.name not in asked.token.projects):
            raise self.refused(404, "Issue does not exist or you do not have permission to see it.")
        return found

    def _permissions(self, asked: Asked) -> Answer:
        place = self._place(asked, asked.query.get("projectKey", ""))
        writes = asked.token.writes and place.name in asked.token.projects
        names = asked.query.get("permissions", "").split(",")
        held = {one: {"key": one, "havePermission": one == "BROWSE_PROJECTS" or writes} for one in names}
        return Answer(200, {"permissions": held})

    def _search(self, asked: Asked) -> Answer:
        jql, size = asked.query.get("jql", ""), int(asked.query.get("maxResults", "50"))
        start = int(asked.query.get("nextPageToken" if self.cloud else "startAt", "0"))
        try:
            found = ask(jql, self._place(asked, project_of(jql)).tickets, self.board.clock())
        except Unreadable:
            raise self.refused(400, "Error in the JQL Query") from None
        shown = [self.shapes.issue(one) for one in found[start : start + size]]
        more = start + size < len(found)
        if self.cloud:
            return Answer(
                200, {"issues": shown, "isLast": not more, **({"nextPageToken": str(start + size)} if more else {})}
            )
        return Answer(200, {"issues": shown, "startAt": start, "maxResults": size, "total": len(found)})

    def _issue(self, asked: Asked) -> Answer:
        return Answer(200, self.shapes.issue(self._ticket(asked)))

    def _update(self, asked: Asked) -> Answer:
        one, update = self._ticket(asked, write=True), asked.field("update")
        verbs = update.get("labels") if isinstance(update, dict) else None
        for verb in verbs if isinstance(verbs, list) else []:
            for act, label in verb.items():
                if " " in label:
                    raise No(
                        400, {"errorMessages": [], "errors": {"labels": f"The label '{label}' can't contain spaces."}}
                    )
                if not self.drops_labels:
                    change = self.board.add_label if act == "add" else self.board.remove_label
                    asked.changed |= change(one, asked.actor, label)
        return Answer(204)

    def _assign(self, asked: Asked) -> Answer:
        one, login = self._ticket(asked, write=True), asked.field("accountId" if self.cloud else "name")
        if isinstance(login, str) and login not in self.board.projects[one.project].members:
            raise No(400, {"errorMessages": [], "errors": {"assignee": f"User '{login}' cannot be assigned issues."}})
        if not self.drops_assignees:
            asked.changed |= self.board.set_assignees(one, asked.actor, [login] if isinstance(login, str) else [])
        return Answer(204)

    def _comments(self, asked: Asked) -> Answer:
        found, start = self._ticket(asked).comments, int(asked.query.get("startAt", "0"))
        size = int(asked.query.get("maxResults", "50"))
        shown = [self.shapes.comment(one) for one in found[start : start + size]]
        return Answer(200, {"comments": shown, "startAt": start, "maxResults": size, "total": len(found)})

    def _comment(self, asked: Asked) -> Answer:
        one, body = self._ticket(asked, write=True), asked.field("body")
        if not (is_document(body) if self.cloud else isinstance(body, str) and body):
            raise self.refused(400, "INVALID_INPUT" if self.cloud else "Comment body can not be empty!")
        text = json.dumps(body, ensure_ascii=False) if self.cloud else str(body)
        asked.changed = True
        return Answer(201, self.shapes.comment(self.board.comment(one, asked.actor, text)))

    def _delete_comment(self, asked: Asked) -> Answer:
        one = self._ticket(asked, write=True)
        found: Comment | None = next((it for it in one.comments if it.id == int(asked.path["comment"])), None)
        if found is None:
            raise self.refused(404, f"Can not find a comment for the id: {asked.path['comment']}.")
        self.board.delete_comment(one, asked.actor, found)
        asked.changed = True
        return Answer(204)


def headers(name: str, raw: bytes, secret: str) -> dict[str, str]:
    """As the Cloud sends a webhook that an administrator gave a secret."""
    mac = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Jira/local",
        "x-atlassian-webhook-identifier": name,
        "x-hub-signature": f"sha256={mac}",
    }


def as_label(name: str) -> str:
    """A label of Jira has no blanks."""
    return name.replace(" ", "_")


def demo_project(jira: LocalJira, *, private: bool = True) -> str:
    """A small believable team; returns the project's key. The team can be assigned, reporters cannot."""
    jira.board.add_project(PROJECT, TEAM, private=private)
    for one in REPORTERS:
        jira.board.person(one)
    return PROJECT
