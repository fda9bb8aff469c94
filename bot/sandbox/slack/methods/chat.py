"""chat.*: posting, editing, deleting, whispering."""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.slack.blockkit.surfaces import refuse_bad_message, with_ids
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.methods.arguments import Arguments, Blocks, Metadata
from bot.sandbox.slack.methods.rooms import joined_room, known_user, own_message, visible_room
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.store import Room
from bot.sandbox.slack.world import World

TEXT_LENGTH = 40_000


class Content(Arguments):
    channel: str
    text: str | None = None
    blocks: Blocks = None


class PostMessage(Content):
    metadata: Metadata = None
    thread_ts: str | None = None
    reply_broadcast: bool = False


class Update(Content):
    ts: str
    metadata: Metadata = None


class PostEphemeral(Content):
    user: str
    thread_ts: str | None = None


class OneMessage(Arguments):
    channel: str
    ts: str


class Permalink(Arguments):
    channel: str
    message_ts: str


def checked_content(text: str | None, blocks: list[Json] | None) -> tuple[str, tuple[Json, ...]]:
    """Text and blocks as they will be stored, or the refusal they deserve."""
    if not text and not blocks:
        raise Refusal("no_text")
    if text and len(text) > TEXT_LENGTH:
        raise Refusal("msg_too_long")
    refuse_bad_message(blocks or [])
    return text or "", tuple(with_ids(blocks or []))


def post_message(world: World, args: PostMessage) -> Json:
    room = _room_to_speak_in(world, args.channel)
    text, blocks = checked_content(args.text, args.blocks)
    thread_ts = _thread(room, args.thread_ts)
    message = replace(
        world.bot_message(room.id, text),
        blocks=blocks,
        metadata=args.metadata or None,
        thread_ts=thread_ts,
        reply_broadcast=args.reply_broadcast,
    )
    world.store.add(message)
    return {"ok": True, "channel": room.id, "ts": message.ts, "message": message.wire()}


def update(world: World, args: Update) -> Json:
    room = visible_room(world, args.channel)
    message = own_message(world, room, args.ts, "cant_update_message")
    changed = replace(_with_new_content(message, args), edited_at=world.store.next_ts())
    world.store.replace(changed)
    return {"ok": True, "channel": room.id, "ts": message.ts, "text": changed.text, "message": changed.wire()}


def delete(world: World, args: OneMessage) -> Json:
    room = visible_room(world, args.channel)
    message = own_message(world, room, args.ts, "cant_delete_message")
    world.store.remove(message)
    return {"ok": True, "channel": room.id, "ts": message.ts}


def post_ephemeral(world: World, args: PostEphemeral) -> Json:
    room = _room_to_speak_in(world, args.channel)
    reader = known_user(world, args.user)
    if reader.id not in room.members:
        raise Refusal("user_not_in_channel")
    text, blocks = checked_content(args.text, args.blocks)
    thread_ts = _thread(room, args.thread_ts)
    message = world.bot_message(room.id, text)
    world.store.add(replace(message, blocks=blocks, thread_ts=thread_ts, for_user=reader.id))
    return {"ok": True, "message_ts": message.ts}


def get_permalink(world: World, args: Permalink) -> Json:
    room = visible_room(world, args.channel)
    if args.message_ts not in room.by_ts:
        raise Refusal("message_not_found")
    link = f"https://{world.workspace.team_domain}.slack.com/archives/{room.id}/p{args.message_ts.replace('.', '')}"
    return {"ok": True, "channel": room.id, "permalink": link}


def _room_to_speak_in(world: World, channel: str) -> Room:
    """A channel by id or name, or a user id, which means the direct conversation with that user."""
    if channel in world.store.users:
        return world.store.dm(channel)
    named = world.store.room(channel)
    room = visible_room(world, named.id if named else channel)
    if room.seed.is_archived:
        raise Refusal("is_archived")
    if "chat:write.public" in world.workspace.scopes:
        return room
    return joined_room(world, room.id)


def _thread(room: Room, thread_ts: str | None) -> str | None:
    if thread_ts and thread_ts not in room.by_ts:
        raise Refusal("thread_not_found")
    return thread_ts or None


def _with_new_content(message: Message, args: Update) -> Message:
    """Blocks left out stay only when no text is given either; metadata left out stays, an empty object removes it."""
    keeps_blocks = args.blocks is None and args.text is None
    if keeps_blocks and args.metadata is None:
        raise Refusal("no_text")
    if not keeps_blocks:
        text, blocks = checked_content(args.text, args.blocks)
        message = replace(message, text=text if args.text is not None else message.text, blocks=blocks)
    if args.metadata is not None:
        message = replace(message, metadata=args.metadata or None)
    return message
