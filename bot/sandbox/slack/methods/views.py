"""views.*: opening, stacking, changing and publishing views. A modal needs a fresh trigger id."""

from __future__ import annotations

from bot.sandbox.slack.blockkit.surfaces import refuse_bad_view, with_ids
from bot.sandbox.slack.methods.arguments import Arguments, JsonArgument
from bot.sandbox.slack.methods.rooms import known_user
from bot.sandbox.slack.narrow import Json, as_objects
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.views import View
from bot.sandbox.slack.world import World


class Open(Arguments):
    view: JsonArgument = None
    trigger_id: str = ""


class Update(Arguments):
    view: JsonArgument = None
    view_id: str = ""
    external_id: str = ""
    hash: str = ""


class Publish(Arguments):
    view: JsonArgument = None
    user_id: str
    hash: str = ""


def open_view(world: World, args: Open) -> Json:
    view = checked(args.view, "modal")
    trigger = world.triggers.exchange(args.trigger_id)
    return _answer(world, world.views.open(trigger.user, view))


def push(world: World, args: Open) -> Json:
    view = checked(args.view, "modal")
    trigger = world.triggers.exchange(args.trigger_id)
    return _answer(world, world.views.push(trigger.user, view))


def update(world: World, args: Update) -> Json:
    view = world.views.find(args.view_id, args.external_id)
    if view is None:
        raise Refusal("not_found")
    if args.hash and args.hash != view.hash:
        raise Refusal("hash_conflict")
    kind = str(view.body["type"])
    return _answer(world, world.views.update(view, checked(args.view, kind)))


def publish(world: World, args: Publish) -> Json:
    user = known_user(world, args.user_id)
    return _answer(world, world.views.publish(user.id, checked(args.view, "home"), args.hash))


def checked(view: Json | None, kind: str) -> Json:
    """A view as it will be stored: valid, of the right kind, every block and element with an id."""
    if view is None:
        raise Refusal("invalid_arguments", ("[ERROR] missing required field: view",))
    refuse_bad_view(view)
    if view.get("type") != kind:
        raise Refusal("invalid_arguments", (f"[ERROR] must be a {kind} view [json-pointer:/view/type]",))
    return {**view, "blocks": with_ids(as_objects(view.get("blocks")))}


def _answer(world: World, view: View) -> Json:
    return {"ok": True, "view": view.wire(world.workspace)}
