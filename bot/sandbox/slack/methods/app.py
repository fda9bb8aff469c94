"""The rest a bot needs: who am I, open a socket, the team, reactions, and Slack's own block validator."""

from __future__ import annotations

import secrets

from bot.sandbox.slack.blockkit.blocks import Surface, blocks
from bot.sandbox.slack.blockkit.problem import Problem
from bot.sandbox.slack.blockkit.surfaces import view_problems
from bot.sandbox.slack.methods.arguments import Arguments, Blocks, JsonArgument
from bot.sandbox.slack.methods.rooms import joined_room
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.world import World


class Nothing(Arguments):
    """The method takes no arguments beside the token."""


class Reaction(Arguments):
    channel: str
    timestamp: str
    name: str


class Validate(Arguments):
    blocks: Blocks = None
    message: JsonArgument = None
    view: JsonArgument = None


def auth_test(world: World, _args: Nothing) -> Json:
    team = world.workspace
    who: Json = {"user": team.bot.name, "user_id": team.bot.id, "bot_id": team.bot_id}
    where: Json = {"team": team.team_name, "team_id": team.team_id, "url": f"https://{team.team_domain}.slack.com/"}
    return {"ok": True, **where, **who, "is_enterprise_install": False}


def connections_open(world: World, _args: Nothing) -> Json:
    ticket = secrets.token_urlsafe(18)
    world.socket_tickets.add(ticket)
    return {"ok": True, "url": f"{world.socket_origin}/link/?ticket={ticket}&app_id={world.workspace.app_id}"}


def team_info(world: World, _args: Nothing) -> Json:
    team = world.workspace
    return {"ok": True, "team": {"id": team.team_id, "name": team.team_name, "domain": team.team_domain}}


def add_reaction(world: World, args: Reaction) -> Json:
    message = joined_room(world, args.channel).by_ts.get(args.timestamp)
    if message is None:
        raise Refusal("message_not_found")
    if args.name in message.reactions:
        raise Refusal("already_reacted")
    world.store.react(message, args.name)
    return {"ok": True}


def validate_blocks(_world: World, args: Validate) -> Json:
    given = [name for name in ("blocks", "message", "view") if getattr(args, name) is not None]
    if len(given) != 1:
        raise Refusal("invalid_arguments", ("[ERROR] exactly one of blocks, message or view is required",))
    found = _problems(args)
    if found:
        raise Refusal(f"invalid_{given[0]}", errors=[problem.wire() for problem in found])
    return {"ok": True}


def _problems(args: Validate) -> list[Problem]:
    if args.view is not None:
        return list(view_problems(args.view))
    if args.message is not None:
        return list(blocks(args.message.get("blocks", []), "/blocks", Surface.MESSAGE))
    return list(blocks(args.blocks, "", Surface.MESSAGE))
