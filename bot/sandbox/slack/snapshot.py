"""What a workspace remembers, as JSON and back: channels, messages, threads, what only one person saw.

For a sandbox that continues where it was. Left out on purpose: open modals, trigger ids and response addresses, which
a restart of a real client loses too, and the journal, which belongs to one run.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.store import Store


class Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: tuple[Message, ...]
    """Oldest first, whispered ones among them."""
    direct: tuple[str, ...]
    """Users the app has a direct conversation with."""
    members: dict[str, frozenset[str]]


def save(store: Store) -> Json:
    said = [one for room in store.rooms.values() for one in room.by_ts.values()]
    whispered = [one for mine in store.ephemerals.values() for one in mine.values()]
    direct = [room.with_user for room in store.rooms.values() if room.with_user]
    members = {room.id: frozenset(room.members) for room in store.rooms.values()}
    messages = sorted([*said, *whispered], key=lambda one: one.ts)
    saved = Saved(messages=tuple(messages), direct=tuple(direct), members=members)
    return saved.model_dump(mode="json")


def load(store: Store, raw: object) -> None:
    """Into an empty store of the same workspace. Raises pydantic's ValidationError."""
    saved = Saved.model_validate(raw)
    for user in saved.direct:
        store.dm(user)
    for room, members in saved.members.items():
        if room in store.rooms:
            store.rooms[room].members = set(members)
    for message in saved.messages:
        if message.channel in store.rooms:
            store.add(message)
            store.continue_after(message.edited_at or message.ts)
