"""One message as it stands in a channel, and how it looks on the wire. Frozen: an edit makes a new value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.slack.narrow import Json, as_object, as_objects, as_text, walk


@dataclass(frozen=True)
class Element:
    """An interactive element together with the block it sits in."""

    block_id: str
    body: Json

    @property
    def action_id(self) -> str:
        return as_text(self.body.get("action_id"))

    @property
    def type(self) -> str:
        return as_text(self.body.get("type"))

    @property
    def label(self) -> str:
        return as_text(as_object(self.body.get("text")).get("text"))

    @property
    def value(self) -> str:
        return as_text(self.body.get("value"))


@dataclass(frozen=True)
class Message:
    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    team: str = ""
    edited_at: str | None = None
    for_user: str | None = None
    reactions: tuple[str, ...] = ()

    @property
    def is_ephemeral(self) -> bool:
        return self.for_user is not None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def elements(self) -> tuple[Element, ...]:
        return tuple(elements_in(self.blocks))

    @property
    def action_ids(self) -> tuple[str, ...]:
        return tuple(element.action_id for element in self.elements)

    @property
    def all_text(self) -> str:
        """Every text a reader sees, one a line: what tests and terminals search in."""
        found = [as_text(part.get("text")) for part in walk(list(self.blocks))]
        return "\n".join([self.text, *(line for line in found if line)])

    def wire(self, *, with_metadata: bool = True) -> Json:
        body: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": self.team}
        if self.bot_id:
            body |= {"bot_id": self.bot_id, "app_id": self.app_id}
            body["bot_profile"] = {"id": self.bot_id, "app_id": self.app_id, "deleted": False, "team_id": self.team}
        if self.blocks:
            body["blocks"] = list(self.blocks)
        if self.metadata is not None:
            body["metadata"] = self.metadata if with_metadata else {**self.metadata, "event_payload": {}}
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.edited_at:
            body["edited"] = {"user": self.user, "ts": self.edited_at}
        if self.reactions:
            names = dict.fromkeys(self.reactions)
            body["reactions"] = [{"name": name, "count": self.reactions.count(name)} for name in names]
        return body


def elements_in(blocks: tuple[Json, ...] | list[Json]) -> Iterator[Element]:
    """Interactive elements of all blocks, also of nested ones (cards inside carousels and containers)."""
    for block in blocks:
        yield from _elements_of(block)


def _elements_of(block: Json) -> Iterator[Element]:
    block_id = as_text(block.get("block_id"))
    direct = [as_object(block.get("accessory")), as_object(block.get("element"))]
    nested = as_objects(block.get("child_blocks"))
    for body in [*direct, *as_objects(block.get("elements")), *as_objects(block.get("actions"))]:
        if "action_id" in body:
            yield Element(block_id, body)
        elif body:
            nested.append(body)
    for child in nested:
        yield from _elements_of(child)
