"""Answers that all processes share for a while. Without Redis nothing is remembered, and the source is asked."""

from __future__ import annotations

import json
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from bot.redis.link import Link, RedisAway

LARGEST: Final = 256 * 1024
_JSON: Final = TypeAdapter[JsonValue](JsonValue)


class SharedCache:
    """Implements `bot.cache.Cache`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def get(self, key: str) -> JsonValue:
        try:
            found = await self._link.ask(lambda redis: redis.get(self._link.key("cache", key)))
            return None if found is None else _JSON.validate_json(found)
        except (RedisAway, ValidationError):
            return None

    async def put(self, key: str, value: JsonValue, ttl_s: float) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if len(text) > LARGEST:
            return
        try:
            await self._link.ask(lambda redis: redis.set(self._link.key("cache", key), text, px=int(ttl_s * 1000)))
        except RedisAway:
            return
