"""The local Zendesk: its routes, its way with tags and the assignee, its signed events."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid

from starlette.requests import Request

from bot.sandbox.board.asked import Asked, No
from bot.sandbox.board.hooks import Delivery, Hook
from bot.sandbox.board.local import LocalTracker, Routes
from bot.sandbox.board.model import Fired, Ticket
from bot.sandbox.github.answers import Answer
from bot.sandbox.github.seed import REPORTERS, TEAM
from bot.sandbox.zendesk.shapes import INTERNAL, Shapes, iso

PLACE = "127.0.0.1"
"""An account is named by its host."""
_TICKET = "/api/v2/tickets/{id:int}"


class LocalZendesk(LocalTracker):
    drops_tags = False
    drops_assignees = False

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.board, self.url)

    def routes(self) -> Routes:
        return (
            ("GET", "/api/v2/users/me", self._me),
            ("GET", "/api/v2/tags", self._all_tags),
            ("GET", "/api/v2/tickets", self._list),
            ("GET", _TICKET, self._show),
            ("PUT", _TICKET, self._update),
            ("PUT", f"{_TICKET}/tags", self._add_tags),
            ("DELETE", f"{_TICKET}/tags", self._remove_tags),
            ("GET", f"{_TICKET}/comments", self._comments),
        )

    def token_of(self, request: Request) -> str | None:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def refused(self, status: int, why: str) -> No:
        return No(status, {"error": why, "description": ""})

    def locate(self, asked: Asked) -> None:
        asked.project = PLACE
        asked.number = int(asked.path["id"]) if "id" in asked.path else None

    def delivery(self, fired: Fired, hook: Hook) -> Delivery | None:
        body = self.shapes.event(fired)
        if body is None:
            return None
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        name = uuid.uuid4().hex
        return Delivery(name, hook, str(body["type"]), headers(name, raw, hook.secret, iso(self.board.clock())), raw)

    # What the API can do

    def _ticket(self, asked: Asked, *, write: bool = False) -> Ticket:
        if write and not asked.token.writes:
            raise self.refused(403, "Forbidden: the token's scopes do not allow it")
        found = self.board.projects[PLACE].ticket(asked.number or 0)
        if found is None:
            raise self.refused(404, "RecordNotFound")
        return found

    def _me(self, asked: Asked) -> Answer:
        return Answer(200, {"user": {"id": self.board.person(asked.token.login), "role": "agent"}})

    def _all_tags(self, asked: Asked) -> Answer:
        place = self.board.projects[PLACE]
        names = sorted({*place.labels, *(tag for one in place.tickets for tag in one.labels)})
        return _page(asked, "tags", [{"name": one, "count": 1} for one in names])

    def _list(self, asked: Asked) -> Answer:
        found = [one for one in self.board.projects[PLACE].tickets if not one.gone]
        order = asked.query.get("sort", "id")
        found.sort(key=lambda one: (one.updated_at if "updated_at" in order else 0, one.number))
        shown = found[::-1] if order.startswith("-") else found
        return _page(asked, "tickets", [self.shapes.ticket(one) for one in shown])

    def _show(self, asked: Asked) -> Answer:
        return Answer(200, {"ticket": self.shapes.ticket(self._ticket(asked))})

    def _comments(self, asked: Asked) -> Answer:
        return _page(asked, "comments", self.shapes.comments(self._ticket(asked)))

    def _update(self, asked: Asked) -> Answer:
        one, wanted = self._ticket(asked, write=True), asked.field("ticket")
        if not isinstance(wanted, dict):
            raise self.refused(400, "BadRequest")
        if wanted.get("safe_update") and wanted.get("updated_stamp") != iso(one.updated_at):
            raise self.refused(409, "UpdateConflict")
        comment = wanted.get("comment")
        if isinstance(comment, dict):
            public = comment.get("public", True)
            self.board.comment(one, asked.actor, f"{'' if public else INTERNAL}{comment.get('body', '')}")
            asked.changed = True
        if "assignee_id" in wanted and not self.drops_assignees:
            people = self._agents(wanted["assignee_id"])
            asked.changed |= self.board.set_assignees(one, asked.actor, people)
        return Answer(200, {"ticket": self.shapes.ticket(one), "audit": {"id": 1}})

    def _agents(self, number: object) -> list[str]:
        if number is None:
            return []
        members = self.board.projects[PLACE].members
        found = [login for login, its in self.board.people.items() if its == number and login in members]
        if not found:
            raise No(422, {"error": "RecordInvalid", "details": {"assignee": [{"description": "is not an agent"}]}})
        return found

    def _add_tags(self, asked: Asked) -> Answer:
        one = self._ticket(asked, write=True)
        for tag in _tags(asked):
            if " " in tag:
                raise No(422, {"error": "RecordInvalid", "details": {"tags": [{"description": "has a blank in it"}]}})
            asked.changed |= not self.drops_tags and self.board.add_label(one, asked.actor, tag.lower())
        return Answer(200, {"tags": sorted(one.labels)})

    def _remove_tags(self, asked: Asked) -> Answer:
        one = self._ticket(asked, write=True)
        for tag in _tags(asked):
            asked.changed |= not self.drops_tags and self.board.remove_label(one, asked.actor, tag)
        return Answer(200, {"tags": sorted(one.labels)})


def headers(name: str, raw: bytes, secret: str, at: str) -> dict[str, str]:
    mac = base64.b64encode(hmac.new(secret.encode(), at.encode() + raw, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Zendesk Webhook (local)",
        "x-zendesk-webhook-invocation-id": name,
        "x-zendesk-webhook-signature": mac,
        "x-zendesk-webhook-signature-timestamp": at,
    }


def demo_account(zendesk: LocalZendesk) -> str:
    """A small believable team; returns the account's host. The team can be assigned, requesters cannot."""
    zendesk.board.add_project(PLACE, TEAM, private=True)
    for one in REPORTERS:
        zendesk.board.person(one)
    return PLACE


def _tags(asked: Asked) -> list[str]:
    found = asked.field("tags")
    return [str(one) for one in found] if isinstance(found, list) else []


def _page(asked: Asked, name: str, found: list[dict[str, object]]) -> Answer:
    size, start = int(asked.query.get("page[size]", "100")), int(asked.query.get("page[after]", "0"))
    more = start + size < len(found)
    meta = {"has_more": more, "after_cursor": str(start + size) if more else None}
    return Answer(200, {name: found[start : start + size], "meta": meta})
