"""How arguments reach a method: form, query or JSON body, objects sometimes as JSON text inside a string."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.refusal import Refusal


class Arguments(BaseModel):
    """Base of every method's arguments; Slack ignores arguments a method does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _decoded(value: object) -> object:
    if value == "":
        return None
    return json.loads(value) if isinstance(value, str) else value


def _decoded_blocks(value: object) -> object:
    try:
        decoded = _decoded(value)
    except ValueError as error:
        raise Refusal("invalid_blocks_format") from error
    if decoded is not None and not isinstance(decoded, list):
        raise Refusal("invalid_blocks_format")
    return decoded


def _decoded_metadata(value: object) -> object:
    try:
        decoded = _decoded(value)
    except ValueError as error:
        raise Refusal("invalid_metadata_format") from error
    if decoded is None or decoded == {}:
        return decoded
    if not (isinstance(decoded, dict) and isinstance(decoded.get("event_type"), str)):
        raise Refusal("invalid_metadata_schema")
    if not isinstance(decoded.get("event_payload"), dict):
        raise Refusal("invalid_metadata_schema")
    return decoded


Blocks = Annotated[list[Json] | None, BeforeValidator(_decoded_blocks)]
Metadata = Annotated[Json | None, BeforeValidator(_decoded_metadata)]
JsonArgument = Annotated[Json | None, BeforeValidator(_decoded)]
