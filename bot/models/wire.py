"""The vendor's words for our conversation, and back. Pure.

Owns the exact form of a request: the order of its parts and where it may be cached. Never sends sampling parameters,
a started answer or a forced tool: the newest models refuse them. A reply is parsed once, here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anthropic import transform_schema
from anthropic.types import Message
from pydantic import JsonValue, TypeAdapter, ValidationError

from graphs.agent.talk import Block, Call, Keep, Opaque, Reply, Request, Result, Stop, Text, Turn, Usage

if TYPE_CHECKING:
    from anthropic.types import OutputConfigParam, TextBlockParam, ToolParam

_JSON = TypeAdapter[JsonValue](JsonValue)
_OBJECT = TypeAdapter[dict[str, JsonValue]](dict[str, JsonValue])


class Garbled(ValueError):
    """The reply is broken: it ended early or makes no sense."""


def system_of(request: Request) -> list[TextBlockParam]:
    """The stable start; the mark on it covers the tools as well, which stand before it."""
    block: TextBlockParam = {"type": "text", "text": request.system}
    match request.keep:
        case Keep.NOT:
            pass
        case Keep.MINUTES:
            block["cache_control"] = {"type": "ephemeral", "ttl": "5m"}
        case Keep.HOUR:
            block["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
    return [block]


def tools_of(request: Request) -> list[ToolParam]:
    return [
        {"name": one.name, "description": one.purpose, "input_schema": transform_schema(dict(one.shape))}
        for one in request.tools
    ]


def output_of(request: Request) -> OutputConfigParam:
    """Empty where nothing is to be asked."""
    found: OutputConfigParam = {}
    if request.effort is not None:
        found["effort"] = request.effort
    if request.shape is not None:
        found["format"] = {"type": "json_schema", "schema": transform_schema(dict(request.shape))}
    return found


def messages_of(turns: tuple[Turn, ...]) -> list[dict[str, JsonValue]]:
    return [{"role": one.role, "content": [_block(block) for block in one.blocks]} for one in turns]


def _block(block: Block) -> JsonValue:
    match block:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Call(id=name, name=tool, input=given):
            return {"type": "tool_use", "id": name, "name": tool, "input": given if isinstance(given, dict) else {}}
        case Result(call=call, text=text, is_error=wrong):
            return {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": wrong}
        case Opaque(content=content):
            return _JSON.validate_json(content)


def params_of(request: Request) -> dict[str, JsonValue]:
    """A whole request that is not streamed, as one of a batch."""
    output = output_of(request)
    return _OBJECT.validate_python(
        {
            "model": request.model,
            "max_tokens": request.max_tokens,
            "system": system_of(request),
            "messages": messages_of(request.turns),
            **({"output_config": output} if output else {}),
        }
    )


def reply_of(message: Message) -> Reply:
    """Raises `Garbled`."""
    return read_reply(message.model_dump(mode="json", exclude_unset=True, warnings=False))


def read_reply(message: object) -> Reply:
    """From a message's JSON. Raises `Garbled`."""
    try:
        raw = _OBJECT.validate_python(message)
        content = raw.get("content")
        if raw.get("stop_reason") is None or not isinstance(content, list):
            raise Garbled("the reply ended early")
        return Reply(
            blocks=tuple(_read(block) for block in content),
            stop=_stop(raw["stop_reason"]),
            usage=_usage(raw.get("usage")),
            model=str(raw.get("model", ""))[:120],
        )
    except ValidationError:
        raise Garbled("the reply has another form than the service promises") from None


def _read(raw: JsonValue) -> Block:
    if not isinstance(raw, dict):
        raise Garbled("a block of the reply is no object")
    match raw.get("type"):
        case "text":
            return Text(text=_text(raw.get("text")))
        case "tool_use":
            return Call(id=_text(raw.get("id"))[:200], name=_text(raw.get("name"))[:200], input=raw.get("input"))
        case _:
            return Opaque(content=json.dumps(raw))


def _text(raw: JsonValue) -> str:
    if not isinstance(raw, str):
        raise Garbled("a text of the reply is no text")
    return raw.encode("utf-8", "replace").decode()


def _stop(raw: JsonValue) -> Stop:
    return Stop(raw) if raw in set(Stop) else Stop.OTHER


def _usage(raw: JsonValue) -> Usage:
    """What the service does not say counts as nothing; the kinds of writing are told apart where it tells."""
    if not isinstance(raw, dict):
        return Usage()
    made = raw.get("cache_creation")
    by_time = made if isinstance(made, dict) else {}
    hour = _count(by_time.get("ephemeral_1h_input_tokens"))
    return Usage(
        fresh=_count(raw.get("input_tokens")),
        cached=_count(raw.get("cache_read_input_tokens")),
        kept_minutes=max(0, _count(raw.get("cache_creation_input_tokens")) - hour),
        kept_hour=hour,
        written=_count(raw.get("output_tokens")),
    )


def _count(raw: JsonValue) -> int:
    """A service that counts below zero would fill the budget again."""
    return min(raw, 10**9) if isinstance(raw, int) and not isinstance(raw, bool) and raw > 0 else 0
