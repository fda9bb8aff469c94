"""A shared answer is found by all until it is too old; without Redis nothing is found and nothing fails."""

from __future__ import annotations

import pytest
from pydantic import JsonValue, SecretStr

from bot.cache import Cache, LocalCache
from bot.redis.cache import LARGEST, SharedCache
from bot.redis.link import Link, open_link
from tests.redis_server import RedisServer

VALUES: tuple[JsonValue, ...] = (["bug", "häßlich"], {"a": [1, 2.5, False]}, "", 0, [])


async def test_what_one_process_found_out_another_need_not_ask_for(server: RedisServer, link: Link) -> None:
    here: Cache = SharedCache(link)
    async with open_link(SecretStr(server.url), "test") as second, open_link(SecretStr(server.url), "other") as other:
        for value in VALUES:
            await here.put("labels:main:acme/assistant", value, 60.0)
            assert await SharedCache(second).get("labels:main:acme/assistant") == value
        assert await SharedCache(other).get("labels:main:acme/assistant") is None


async def test_it_grows_old(server: RedisServer, link: Link) -> None:
    await SharedCache(link).put("k", "v", 60.0)
    with server.admin() as admin:
        assert 0 < admin.pttl(link.key("cache", "k")) <= 60_000
        admin.pexpire(link.key("cache", "k"), 0)
    assert await SharedCache(link).get("k") is None


async def test_what_is_too_large_or_no_json_is_not_there(server: RedisServer, link: Link) -> None:
    cache = SharedCache(link)
    await cache.put("k", "x" * LARGEST, 60.0)
    assert await cache.get("k") is None
    with server.admin() as admin:
        admin.set(link.key("cache", "k"), b"\xff{")
    assert await cache.get("k") is None
    assert link.state() == "ok"


async def test_fault_34_without_redis_it_is_empty(server: RedisServer, link: Link) -> None:
    cache = SharedCache(link)
    await cache.put("k", "v", 60.0)
    server.kill()
    assert await cache.get("k") is None
    await cache.put("k", "v", 60.0)
    assert link.state().startswith("degraded")


async def test_alone_it_is_bounded_and_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("bot.cache.time.monotonic", lambda: now)
    cache = LocalCache(most=2)
    for key in ("a", "b", "c"):
        await cache.put(key, key, 60.0)
    assert [await cache.get(key) for key in ("a", "b", "c")] == [None, "b", "c"]
    now += 60.0
    assert await cache.get("c") is None
