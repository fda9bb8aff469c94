"""Modals and home tabs: which views are open, for whom, in which order, and how a view looks on the wire."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.sandbox.slack.narrow import Json, as_objects, as_text
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.workspace import Workspace

STACK_LIMIT = 3


@dataclass(frozen=True)
class View:
    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def callback_id(self) -> str:
        return as_text(self.body.get("callback_id"))

    @property
    def external_id(self) -> str:
        return as_text(self.body.get("external_id"))

    @property
    def blocks(self) -> list[Json]:
        return as_objects(self.body.get("blocks"))

    @property
    def private_metadata(self) -> str:
        return as_text(self.body.get("private_metadata"))

    def wire(self, workspace: Workspace, values: Json | None = None) -> Json:
        defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": False}
        defaults |= {"notify_on_close": False, "submit": None, "close": None}
        identity: Json = {"id": self.id, "team_id": workspace.team_id, "app_id": workspace.app_id}
        identity |= {"app_installed_team_id": workspace.team_id, "bot_id": workspace.bot_id}
        place: Json = {"hash": self.hash, "root_view_id": self.root_id, "previous_view_id": self.previous_id}
        return {**defaults, **self.body, **identity, **place, "state": {"values": values or {}}}


@dataclass
class Views:
    """Open modals as one stack per user (the last is on top), and one home tab per user."""

    stacks: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def __iter__(self) -> Iterator[View]:
        for stack in self.stacks.values():
            yield from stack

    def open(self, user: str, body: Json) -> View:
        """A first modal; it takes the place of whatever the user had open."""
        self._external_id_is_free(body)
        view_id = _view_id()
        view = View(view_id, user, body, _hash(), root_id=view_id)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, body: Json) -> View:
        stack = self.stacks.get(user)
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= STACK_LIMIT:
            raise Refusal("push_limit_reached")
        self._external_id_is_free(body)
        view = View(_view_id(), user, body, _hash(), root_id=stack[0].id, previous_id=stack[-1].id)
        stack.append(view)
        return view

    def update(self, view: View, body: Json) -> View:
        changed = replace(view, body=body, hash=_hash(), errors=())
        self.put(changed)
        return changed

    def publish(self, user: str, body: Json, seen_hash: str = "") -> View:
        former = self.homes.get(user)
        if former and seen_hash and former.hash != seen_hash:
            raise Refusal("hash_conflict")
        view_id = former.id if former else _view_id()
        view = View(view_id, user, body, _hash(), root_id=view_id)
        self.homes[user] = view
        return view

    def put(self, view: View) -> None:
        if self.homes.get(view.user, view).id == view.id and view.user in self.homes:
            self.homes[view.user] = view
            return
        stack = self.stacks.get(view.user, [])
        self.stacks[view.user] = [view if known.id == view.id else known for known in stack]

    def find(self, view_id: str, external_id: str = "") -> View | None:
        known: list[View] = [*self, *self.homes.values()]
        for view in known:
            if view.id == view_id or (external_id and view.external_id == external_id):
                return view
        return None

    def top(self, user: str) -> View | None:
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def close(self, view: View, *, whole_stack: bool = False) -> list[View]:
        """Take the view away (with everything above it, or the whole stack); the closed ones, top first."""
        stack = self.stacks.get(view.user, [])
        keep = 0 if whole_stack else next((at for at, known in enumerate(stack) if known.id == view.id), len(stack))
        self.stacks[view.user] = stack[:keep]
        return stack[keep:][::-1]

    def _external_id_is_free(self, body: Json) -> None:
        external_id = as_text(body.get("external_id"))
        if external_id and any(view.external_id == external_id for view in self):
            raise Refusal("duplicate_external_id")


def _view_id() -> str:
    return "V" + secrets.token_hex(5).upper()


def _hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
