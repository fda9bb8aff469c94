"""Finding the channel, message or user a call names, with the refusal each miss gets."""

from __future__ import annotations

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.store import Room
from bot.sandbox.slack.workspace import User
from bot.sandbox.slack.world import World


def visible_room(world: World, channel: str) -> Room:
    """A channel the app may know of; a private one it is no member of does not exist for it."""
    room = world.store.rooms.get(channel)
    if room is None or (room.seed.is_private and world.workspace.bot.id not in room.members):
        raise Refusal("channel_not_found")
    return room


def joined_room(world: World, channel: str) -> Room:
    room = visible_room(world, channel)
    if world.workspace.bot.id not in room.members:
        raise Refusal("not_in_channel")
    return room


def own_message(world: World, room: Room, ts: str, refusal: str) -> Message:
    """A message of this app in the room; someone else's may not be touched."""
    message = room.by_ts.get(ts)
    if message is None:
        raise Refusal("message_not_found")
    if message.bot_id != world.workspace.bot_id:
        raise Refusal(refusal)
    return message


def known_user(world: World, user_id: str) -> User:
    user = world.store.users.get(user_id)
    if user is None:
        raise Refusal("user_not_found")
    return user


def kind_prefix(room: Room) -> str:
    """The scope family of a conversation: channels, groups or im."""
    if room.is_im:
        return "im"
    return "groups" if room.seed.is_private else "channels"


def require_scope(world: World, *any_of: str) -> None:
    granted = world.workspace.scopes
    if not granted.intersection(any_of):
        raise Refusal("missing_scope", needed=",".join(any_of), provided=",".join(sorted(granted)))
