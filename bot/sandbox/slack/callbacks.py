"""What a bot may do through a response address: say something to one person or all, replace or delete its message."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack.exchange import ResponseUrl
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.methods.arguments import Arguments, Blocks, Metadata
from bot.sandbox.slack.methods.chat import checked_content
from bot.sandbox.slack.narrow import Json, decode_object
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.world import World


class Said(Arguments):
    text: str | None = None
    blocks: Blocks = None
    metadata: Metadata = None
    response_type: str = "ephemeral"
    replace_original: bool = False
    delete_original: bool = False
    thread_ts: str | None = None


async def serve_response_url(world: World, request: Request) -> Response:
    """One use of a response address; a refused use counts as a use."""
    body = decode_object(await request.body())
    try:
        target = world.response_urls.use(str(request.path_params["key"]))
        apply(world, target, Said.model_validate(body))
        world.changes.announce()
    except Refusal as refusal:
        return JSONResponse(refusal.body(), status_code=404)
    except ValidationError:
        return JSONResponse({"ok": False, "error": "invalid_payload"}, status_code=400)
    return PlainTextResponse("ok")


def apply(world: World, target: ResponseUrl, said: Said) -> None:
    original = _original(world, target)
    if said.delete_original:
        if original is None:
            raise Refusal("message_not_found")
        world.store.remove(original)
        return
    text, blocks = checked_content(said.text, said.blocks)
    if said.replace_original and original is not None:
        changed = replace(original, text=text, blocks=blocks, edited_at=world.store.next_ts())
        world.store.replace(changed if said.metadata is None else replace(changed, metadata=said.metadata or None))
        return
    whisper = target.user if said.response_type != "in_channel" else None
    message = world.bot_message(target.channel, text)
    shown = replace(message, blocks=blocks, metadata=said.metadata, thread_ts=said.thread_ts, for_user=whisper)
    world.store.add(shown)


def say_immediately(world: World, channel: str, user: str, body: Json) -> None:
    """The text or blocks in the acknowledgement of a slash command, shown like a use of its response address."""
    if body.get("text") or body.get("blocks"):
        target = ResponseUrl(channel, user, world.clock(), None, is_ephemeral=False)
        apply(world, target, Said.model_validate({**body, "replace_original": False, "delete_original": False}))


def _original(world: World, target: ResponseUrl) -> Message | None:
    if target.message_ts is None:
        return None
    if target.is_ephemeral:
        return world.store.ephemerals.get(target.user, {}).get(target.message_ts)
    return world.store.rooms[target.channel].by_ts.get(target.message_ts)
