"""conversations.*: reading channels. Each kind of conversation has its own read scope."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.methods.rooms import joined_room, kind_prefix, known_user, require_scope, visible_room
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.store import Room
from bot.sandbox.slack.world import World

T = TypeVar("T")
MAX_PAGE = 999
TYPE_OF_SCOPE = {"channels": "public_channel", "groups": "private_channel", "im": "im"}


class Paged(Arguments):
    limit: int = 100
    cursor: str = ""


class OneRoom(Arguments):
    channel: str


class History(Paged):
    channel: str
    oldest: str = ""
    latest: str = ""
    inclusive: bool = False
    include_all_metadata: bool = False


class Replies(History):
    ts: str


class ListRooms(Paged):
    types: str = "public_channel"
    exclude_archived: bool = False


class Members(Paged):
    channel: str


class Open(Arguments):
    users: str = ""
    channel: str = ""
    return_im: bool = False


def history(world: World, args: History) -> Json:
    room = _readable(world, args.channel)
    latest, inclusive = args.latest, args.inclusive
    if args.cursor:
        latest, inclusive = _decode_cursor(args.cursor), True
    limit = _page_size(args.limit)
    found = list(islice(room.newest_first(args.oldest, latest, inclusive=inclusive), limit + 1))
    page, rest = found[:limit], found[limit:]
    shown = [_as_parent(room, message.wire(with_metadata=args.include_all_metadata)) for message in page]
    return {"ok": True, "messages": shown, "pin_count": 0, **_more(rest[0].ts if rest else "")}


def replies(world: World, args: Replies) -> Json:
    room = _readable(world, args.channel)
    if args.ts not in room.by_ts:
        raise Refusal("thread_not_found")
    thread = room.thread(args.ts)
    shown = [_as_parent(room, message.wire(with_metadata=args.include_all_metadata)) for message in thread]
    page, cursor = paginate(shown, args, key=lambda message: str(message["ts"]))
    return {"ok": True, "messages": page, **_more(cursor)}


def list_rooms(world: World, args: ListRooms) -> Json:
    wanted = {kind.strip() for kind in args.types.split(",")}
    for prefix, kind in TYPE_OF_SCOPE.items():
        if kind in wanted:
            require_scope(world, f"{prefix}:read")
    rooms = [room for room in world.store.rooms.values() if TYPE_OF_SCOPE[kind_prefix(room)] in wanted]
    seen = [room for room in rooms if not room.seed.is_private or world.workspace.bot.id in room.members]
    live = [room for room in seen if not (args.exclude_archived and room.seed.is_archived)]
    page, cursor = paginate(live, args, key=lambda room: room.id)
    shown = [_room(world, room) for room in page]
    return {"ok": True, "channels": shown, "response_metadata": {"next_cursor": encode_cursor(cursor)}}


def info(world: World, args: OneRoom) -> Json:
    room = visible_room(world, args.channel)
    require_scope(world, f"{kind_prefix(room)}:read")
    return {"ok": True, "channel": _room(world, room)}


def members(world: World, args: Members) -> Json:
    room = visible_room(world, args.channel)
    require_scope(world, f"{kind_prefix(room)}:read")
    page, cursor = paginate(sorted(room.members), args, key=lambda member: member)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": encode_cursor(cursor)}}


def open_room(world: World, args: Open) -> Json:
    if args.channel:
        return {"ok": True, "channel": {"id": visible_room(world, args.channel).id}}
    user = known_user(world, args.users)
    if user.deleted:
        raise Refusal("user_disabled")
    room = world.store.dm(user.id)
    return {"ok": True, "channel": _room(world, room) if args.return_im else {"id": room.id}}


def paginate(items: Sequence[T], args: Paged, *, key: Callable[[T], str]) -> tuple[list[T], str]:
    """One page, and the key of the item the next page starts with (empty at the end)."""
    start = 0
    if args.cursor:
        first = _decode_cursor(args.cursor)
        start = next((at for at, item in enumerate(items) if key(item) == first), -1)
        if start < 0:
            raise Refusal("invalid_cursor")
    end = start + _page_size(args.limit)
    return list(items[start:end]), key(items[end]) if end < len(items) else ""


def encode_cursor(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode() if key else ""


def _decode_cursor(cursor: str) -> str:
    try:
        marker, _, key = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError as error:
        raise Refusal("invalid_cursor") from error
    if marker != "next":
        raise Refusal("invalid_cursor")
    return key


def _page_size(limit: int) -> int:
    if not 1 <= limit <= MAX_PAGE + 1:
        raise Refusal("invalid_limit")
    return min(limit, MAX_PAGE)


def _more(cursor: str) -> Json:
    if not cursor:
        return {"has_more": False}
    return {"has_more": True, "response_metadata": {"next_cursor": encode_cursor(cursor)}}


def _readable(world: World, channel: str) -> Room:
    room = visible_room(world, channel)
    require_scope(world, f"{kind_prefix(room)}:history")
    return joined_room(world, channel)


def _as_parent(room: Room, wire: Json) -> Json:
    answers = room.threads.get(str(wire["ts"]))
    if answers:
        wire |= {"thread_ts": wire["ts"], "reply_count": len(answers), "latest_reply": answers[-1]}
    return wire


def _room(world: World, room: Room) -> Json:
    if room.is_im:
        return {"id": room.id, "is_im": True, "user": room.with_user, "is_user_deleted": False}
    body: Json = {"id": room.id, "name": room.seed.name, "name_normalized": room.seed.name}
    body |= {"is_channel": not room.seed.is_private, "is_group": room.seed.is_private, "is_im": False}
    body |= {"is_private": room.seed.is_private, "is_archived": room.seed.is_archived, "is_mpim": False}
    body |= {"is_member": world.workspace.bot.id in room.members, "num_members": len(room.members)}
    return body | {"context_team_id": world.workspace.team_id, "topic": {"value": ""}, "purpose": {"value": ""}}
