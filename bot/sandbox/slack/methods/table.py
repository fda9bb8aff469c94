"""Every method the local Slack serves, the scope it needs, and the kind of token it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from pydantic import ValidationError

from bot.sandbox.slack.methods import app, chat, conversations, users, views
from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.methods.rooms import require_scope
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.world import World

A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True)
class Method:
    run: Callable[[World, Json], Json]
    scopes: tuple[str, ...] = ()
    takes_app_token: bool = False


def _method(arguments: type[A], work: Callable[[World, A], Json], *scopes: str, app_token: bool = False) -> Method:
    """Bind parsing, the scope check and the work; any one of the scopes is enough."""

    def run(world: World, raw: Json) -> Json:
        if scopes and not app_token:
            require_scope(world, *scopes)
        try:
            parsed = arguments.model_validate(raw)
        except ValidationError as error:
            raise Refusal("invalid_arguments", tuple(_lines(error))) from error
        return work(world, parsed)

    return Method(run, scopes, app_token)


def _lines(error: ValidationError) -> list[str]:
    return [
        f"[ERROR] {problem['msg'].lower()} [json-pointer:/{'/'.join(str(part) for part in problem['loc'])}]"
        for problem in error.errors(include_url=False, include_input=False)
    ]


READ = ("channels:read", "groups:read", "im:read")
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "apps.connections.open": _method(app.Nothing, app.connections_open, "connections:write", app_token=True),
        "auth.test": _method(app.Nothing, app.auth_test),
        "blocks.validate": _method(app.Validate, app.validate_blocks),
        "chat.delete": _method(chat.OneMessage, chat.delete, "chat:write"),
        "chat.getPermalink": _method(chat.Permalink, chat.get_permalink),
        "chat.postEphemeral": _method(chat.PostEphemeral, chat.post_ephemeral, "chat:write"),
        "chat.postMessage": _method(chat.PostMessage, chat.post_message, "chat:write"),
        "chat.update": _method(chat.Update, chat.update, "chat:write"),
        "conversations.history": _method(conversations.History, conversations.history),
        "conversations.info": _method(conversations.OneRoom, conversations.info, *READ),
        "conversations.list": _method(conversations.ListRooms, conversations.list_rooms, *READ),
        "conversations.members": _method(conversations.Members, conversations.members, *READ),
        "conversations.open": _method(conversations.Open, conversations.open_room, "im:write", "mpim:write"),
        "conversations.replies": _method(conversations.Replies, conversations.replies),
        "reactions.add": _method(app.Reaction, app.add_reaction, "reactions:write"),
        "team.info": _method(app.Nothing, app.team_info, "team:read"),
        "users.info": _method(users.Info, users.info, "users:read"),
        "users.list": _method(users.ListUsers, users.list_users, "users:read"),
        "views.open": _method(views.Open, views.open_view),
        "views.publish": _method(views.Publish, views.publish),
        "views.push": _method(views.Open, views.push),
        "views.update": _method(views.Update, views.update),
    }
)
