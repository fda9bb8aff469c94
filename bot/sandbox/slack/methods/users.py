"""users.*: who is who. The e-mail address shows only with its own scope."""

from __future__ import annotations

from bot.sandbox.slack.methods.arguments import Arguments
from bot.sandbox.slack.methods.conversations import Paged, encode_cursor, paginate
from bot.sandbox.slack.methods.rooms import known_user
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.workspace import User
from bot.sandbox.slack.world import World


class Info(Arguments):
    user: str


class ListUsers(Paged):
    limit: int = 200


def info(world: World, args: Info) -> Json:
    return {"ok": True, "user": _user(world, known_user(world, args.user))}


def list_users(world: World, args: ListUsers) -> Json:
    """The members of this team; strangers from shared channels are only found one by one."""
    own = [user for user in world.store.users.values() if not user.is_stranger]
    page, cursor = paginate(own, args, key=lambda user: user.id)
    answer: Json = {"ok": True, "members": [_user(world, user) for user in page], "cache_ts": int(world.clock())}
    return answer | {"response_metadata": {"next_cursor": encode_cursor(cursor)}}


def _user(world: World, user: User) -> Json:
    profile: Json = {"real_name": user.real_name, "display_name": user.name, "team": user.team_id}
    if user.email and "users:read.email" in world.workspace.scopes:
        profile["email"] = user.email
    body: Json = {"id": user.id, "team_id": user.team_id, "name": user.name, "deleted": user.deleted}
    body |= {"profile": profile, "is_bot": user.is_bot, "is_app_user": False}
    if user.is_stranger:
        body["is_stranger"] = True
    if user.deleted:
        return body
    body |= {"real_name": user.real_name, "tz": user.tz, "is_admin": user.is_admin, "is_owner": False}
    return body | {"is_restricted": user.is_restricted, "is_ultra_restricted": user.is_ultra_restricted}
