"""The payloads Slack sends for what people do, field for field in the shape of the real ones."""

from __future__ import annotations

import secrets

from bot.sandbox.slack.message import Element, Message
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.store import Room
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import User
from bot.sandbox.slack.world import World


def _frame(world: World, kind: str, user: User) -> Json:
    team = world.workspace
    who: Json = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}
    return {
        "type": kind,
        "user": who,
        "api_app_id": team.app_id,
        "token": team.verification_token.get_secret_value(),
        "team": {"id": team.team_id, "domain": team.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(world: World, user: User, message: Message, action: Json, state: Json) -> Json:
    """`block_actions` from a message; an ephemeral message is not repeated in the payload, only named."""
    room = world.store.rooms[message.channel]
    key = world.response_urls.issue(room.id, user.id, message.ts, is_ephemeral=message.is_ephemeral)
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": room.id}
    container["is_ephemeral"] = message.is_ephemeral
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _frame(world, "block_actions", user) | {
        "container": container,
        "trigger_id": world.triggers.issue(user.id),
        "channel": {"id": room.id, "name": _channel_name(room)},
        "state": {"values": state},
        "response_url": response_url(world, key),
        "actions": [action],
    }
    return payload if message.is_ephemeral else payload | {"message": message.wire()}


def message_shortcut(world: World, user: User, message: Message, callback_id: str) -> Json:
    room = world.store.rooms[message.channel]
    return _frame(world, "message_action", user) | {
        "callback_id": callback_id,
        "trigger_id": world.triggers.issue(user.id),
        "action_ts": world.store.next_ts(),
        "message_ts": message.ts,
        "message": message.wire(),
        "channel": {"id": room.id, "name": _channel_name(room)},
        "response_url": response_url(world, world.response_urls.issue(room.id, user.id, message.ts)),
    }


def view_action(world: World, user: User, view: View, action: Json, state: Json) -> Json:
    """`block_actions` from inside a view: no channel and no response address."""
    return _frame(world, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": world.triggers.issue(user.id, view.id),
        "view": view.wire(world.workspace, state),
        "actions": [action],
    }


def submission(world: World, user: User, view: View, values: Json) -> Json:
    return _frame(world, "view_submission", user) | {
        "trigger_id": world.triggers.issue(user.id, view.id),
        "view": view.wire(world.workspace, values),
        "response_urls": [],
    }


def closed(world: World, user: User, view: View, *, is_cleared: bool) -> Json:
    return _frame(world, "view_closed", user) | {"view": view.wire(world.workspace), "is_cleared": is_cleared}


def suggestion(world: World, user: User, element: Element, query: str, place: Json) -> Json:
    named: Json = {"name": element.action_id, "value": query, "action_id": element.action_id}
    return _frame(world, "block_suggestion", user) | named | {"block_id": element.block_id} | place


def command(world: World, user: User, room: Room, name: str, text: str) -> Json:
    team = world.workspace
    return {
        "token": team.verification_token.get_secret_value(),
        "team_id": user.team_id,
        "team_domain": team.team_domain,
        "channel_id": room.id,
        "channel_name": _channel_name(room),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": team.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url(world, world.response_urls.issue(room.id, user.id)),
        "trigger_id": world.triggers.issue(user.id),
    }


def event(world: World, inner: Json) -> Json:
    team = world.workspace
    permit: Json = {"enterprise_id": None, "team_id": team.team_id, "user_id": team.bot.id, "is_bot": True}
    return {
        "token": team.verification_token.get_secret_value(),
        "team_id": team.team_id,
        "api_app_id": team.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(world.clock()),
        "authorizations": [permit | {"is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": secrets.token_urlsafe(12),
    }


def response_url(world: World, key: str) -> str:
    return f"{world.origin}/actions/{world.workspace.team_id}/{key}"


def _channel_name(room: Room) -> str:
    return "privategroup" if room.seed.is_private and not room.is_im else room.seed.name
