"""Narrowing of decoded JSON whose shape Slack fixes but Python cannot know; nothing here guesses or repairs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeAlias

Json: TypeAlias = dict[str, object]


def as_object(value: object) -> Json:
    """The value as a JSON object; anything else is an empty one, which no lookup will find anything in."""
    return value if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def decode_object(raw: str | bytes) -> Json:
    """A JSON object out of text; anything else, also broken JSON, is empty."""
    try:
        return as_object(json.loads(raw))
    except ValueError:
        return {}


def walk(value: object) -> Iterator[Json]:
    """Every JSON object inside the value, parents before children."""
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from walk(child)
