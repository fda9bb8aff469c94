"""What people see in Slack, and how an act finds the user, channel, message or view it names.

Users and channels are named by id or by handle (`"on-duty"`, `"triage"`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.refusal import PersonCannot
from bot.sandbox.slack.store import Room
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import User
from bot.sandbox.slack.world import World

T = TypeVar("T")


class Sight:
    world: World

    def messages(self, channel: str) -> list[Message]:
        """Everything said in a channel and its threads, oldest first."""
        return list(self._room(channel).by_ts.values())

    def message(self, channel: str, ts: str) -> Message:
        found = self._room(channel).by_ts.get(ts)
        if found is None:
            raise PersonCannot(f"there is no message {ts} in {channel}")
        return found

    def ephemerals(self, user: str) -> list[Message]:
        """What only this person saw, oldest first."""
        return list(self.world.store.ephemerals.get(self._user(user).id, {}).values())

    def open_views(self, user: str) -> list[View]:
        """This person's open modals, the top one last."""
        return list(self.world.views.stacks.get(self._user(user).id, []))

    def home(self, user: str) -> View | None:
        return self.world.views.homes.get(self._user(user).id)

    async def until(self, look: Callable[[], T | None], timeout_s: float = 10.0) -> T:
        """Look after every change until there is something to see: `await slack.until(lambda: slack.messages("x"))`."""
        async with asyncio.timeout(timeout_s):
            while not (seen := look()):
                await self.world.changes.next()
        return seen

    def _user(self, user: str) -> User:
        found = self.world.store.user(user)
        if found is None:
            raise PersonCannot(f"there is no user {user}")
        return found

    def _room(self, channel: str) -> Room:
        found = self.world.store.room(channel)
        if found is None:
            raise PersonCannot(f"there is no channel {channel}")
        return found

    def _actor(self, user: str) -> User:
        person = self._user(user)
        if person.deleted:
            raise PersonCannot(f"{user} is deactivated and cannot sign in")
        return person

    def _member(self, user: str, channel: str) -> tuple[User, Room]:
        person, room = self._actor(user), self._room(channel)
        if person.id not in room.members:
            raise PersonCannot(f"{user} is not a member of {channel}")
        return person, room

    def _visible_message(self, person: User, room: Room, ts: str) -> Message:
        whispered = self.world.store.ephemerals.get(person.id, {}).get(ts)
        found = room.by_ts.get(ts) or whispered
        if found is None:
            raise PersonCannot(f"{person.name} sees no message {ts} in {room.seed.name}")
        return found

    def _view(self, user: str, key: str) -> tuple[User, View]:
        person = self._actor(user)
        home = self.world.views.homes.get(person.id)
        for view in [*reversed(self.open_views(user)), *([home] if home else [])]:
            if key in {view.id, view.callback_id}:
                return person, view
        shown = [view.callback_id or view.id for view in self.open_views(user)]
        raise PersonCannot(f"{user} has no open view {key}: open are {shown}")
