"""What a workspace remembers while the server runs: members, messages, threads, ephemeral messages, pins of time.

Lookups by id are dictionary lookups; timestamps only grow, so a channel's list is sorted by itself.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.workspace import Channel, User, Workspace

Clock = Callable[[], float]
MICROSECONDS = 1_000_000


@dataclass
class Room:
    """A channel with what has been said in it."""

    seed: Channel
    members: set[str]
    with_user: str | None = None
    by_ts: dict[str, Message] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    threads: dict[str, list[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.seed.id

    @property
    def is_im(self) -> bool:
        return self.with_user is not None

    def add(self, message: Message) -> None:
        self.by_ts[message.ts] = message
        if message.thread_ts and message.is_reply:
            self.threads.setdefault(message.thread_ts, []).append(message.ts)
        if not message.is_reply or message.reply_broadcast:
            self.order.append(message.ts)

    def remove(self, ts: str) -> None:
        message = self.by_ts.pop(ts)
        for listing in (self.order, self.threads.get(message.thread_ts or "", [])):
            at = bisect.bisect_left(listing, ts)
            if at < len(listing) and listing[at] == ts:
                del listing[at]

    def newest_first(self, oldest: str, latest: str, *, inclusive: bool) -> Iterator[Message]:
        """Top-level messages of a span; an empty bound is no bound."""
        low = (bisect.bisect_left if inclusive else bisect.bisect_right)(self.order, oldest) if oldest else 0
        high = len(self.order)
        if latest:
            high = (bisect.bisect_right if inclusive else bisect.bisect_left)(self.order, latest)
        for position in range(high - 1, low - 1, -1):
            yield self.by_ts[self.order[position]]

    def thread(self, ts: str) -> list[Message]:
        return [self.by_ts[ts], *(self.by_ts[reply] for reply in self.threads.get(ts, []))]


class Store:
    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._clock = clock
        self._last_tick = 0
        self.users: dict[str, User] = {user.id: user for user in workspace.everyone}
        self._ids_by_name = {user.name: user.id for user in workspace.everyone}
        self.rooms: dict[str, Room] = {seed.id: Room(seed, set(seed.members)) for seed in workspace.channels}
        self._rooms_by_name = {room.seed.name: room for room in self.rooms.values()}
        self._bot_id = workspace.bot.id
        self._dms: dict[str, Room] = {}
        self.ephemerals: dict[str, dict[str, Message]] = {}

    def next_ts(self) -> str:
        """A message timestamp from the clock, always larger than the one before, also in one microsecond."""
        self._last_tick = max(self._last_tick + 1, int(self._clock() * MICROSECONDS))
        return f"{self._last_tick // MICROSECONDS}.{self._last_tick % MICROSECONDS:06d}"

    def continue_after(self, ts: str) -> None:
        """Timestamps grow past this one, which a saved message has."""
        seconds, _, micros = ts.partition(".")
        self._last_tick = max(self._last_tick, int(seconds) * MICROSECONDS + int(micros or 0))

    def user(self, key: str) -> User | None:
        """A user by id, handle or @handle."""
        return self.users.get(key) or self.users.get(self._ids_by_name.get(key.removeprefix("@"), ""))

    def room(self, key: str) -> Room | None:
        """A channel by id, name or #name."""
        return self.rooms.get(key) or self._rooms_by_name.get(key.removeprefix("#"))

    def dm(self, user_id: str) -> Room:
        """The direct conversation between the app and one user, made on first use."""
        if user_id not in self._dms:
            seed = Channel(id=f"D{user_id[1:]}", name="directmessage", is_private=True)
            self._dms[user_id] = Room(seed, {user_id, self._bot_id}, with_user=user_id)
            self.rooms[seed.id] = self._dms[user_id]
        return self._dms[user_id]

    def replace(self, message: Message) -> None:
        """Put an edited message where its former self was."""
        if message.for_user is not None:
            self.ephemerals[message.for_user][message.ts] = message
        else:
            self.rooms[message.channel].by_ts[message.ts] = message

    def add(self, message: Message) -> None:
        if message.for_user is not None:
            self.ephemerals.setdefault(message.for_user, {})[message.ts] = message
        else:
            self.rooms[message.channel].add(message)

    def remove(self, message: Message) -> None:
        if message.for_user is not None:
            del self.ephemerals[message.for_user][message.ts]
        else:
            self.rooms[message.channel].remove(message.ts)

    def react(self, message: Message, name: str) -> None:
        self.replace(replace(message, reactions=(*message.reactions, name)))
