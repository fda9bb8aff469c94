"""One count for all processes; a share of it for each while Redis is away; what one is told holds for all."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from bot.limits.limits import Limits
from bot.limits.rates import Rate
from bot.redis.link import Link, open_link
from bot.redis.meter import SharedMeter
from graphs.errors import RateLimited
from tests.redis.waiting import until
from tests.redis_server import RedisServer

RATE = Rate("slack:T1:chat.postMessage:C1", per_minute=1, burst=12)


async def _taken(limits: Limits, tries: int = 20, rate: Rate = RATE) -> int:
    results = await asyncio.gather(*(limits.take(rate) for _ in range(tries)), return_exceptions=True)
    assert all(one is None or isinstance(one, RateLimited) for one in results), results
    return results.count(None)


async def test_processes_share_one_count(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a busy machine a quarter of a second is no answer. Set before either link opens: their pools keep it.
    monkeypatch.setattr("bot.redis.link.PATIENCE_S", 10.0)
    url = SecretStr(server.url)
    async with open_link(url, "test") as first, open_link(url, "test") as second:
        taken = await asyncio.gather(_taken(Limits(SharedMeter(first))), _taken(Limits(SharedMeter(second))))
    assert sum(taken) == RATE.burst


async def test_another_installation_counts_for_itself(server: RedisServer, link: Link) -> None:
    assert await _taken(Limits(SharedMeter(link))) == RATE.burst
    async with open_link(SecretStr(server.url), "other") as other:
        assert await _taken(Limits(SharedMeter(other))) == RATE.burst


async def test_a_429_seen_by_one_holds_all_back(server: RedisServer, link: Link) -> None:
    async with open_link(SecretStr(server.url), "test") as second:
        told, other = Limits(SharedMeter(link)), Limits(SharedMeter(second))
        await told.close(RATE, 30.0)
        for limits in (told, other):
            with pytest.raises(RateLimited) as sent_away:
                await limits.take(RATE)
            assert 25 < sent_away.value.retry_after_s <= 31
        await other.take(Rate("slack:T1:chat.postMessage:C2", 1, 1))


async def test_fault_34_without_redis_each_keeps_to_its_share(server: RedisServer, link: Link) -> None:
    async with open_link(SecretStr(server.url), "test") as second, open_link(SecretStr(server.url), "test") as third:
        await link._beat()
        await second._beat()
        server.kill()
        for one in (link, second, third):
            assert await _taken(Limits(SharedMeter(one))) == RATE.burst // 3


async def test_fault_34_never_seen_redis_means_a_small_share() -> None:
    async with open_link(SecretStr("redis://127.0.0.1:1/0"), "test") as link:
        assert await _taken(Limits(SharedMeter(link))) == RATE.burst // 4


async def test_fault_34_what_we_were_told_to_wait_is_kept_without_redis(server: RedisServer, link: Link) -> None:
    limits = Limits(SharedMeter(link))
    server.kill()
    await limits.close(RATE, 30.0)
    assert await _taken(limits) == 0


async def test_fault_35_limits_converge_again_after_a_flush_and_a_restart(server: RedisServer, link: Link) -> None:
    async with open_link(SecretStr(server.url), "test") as second:
        await link._beat()
        both = [Limits(SharedMeter(one)) for one in (link, second)]
        assert await _taken(both[0]) == RATE.burst
        with server.admin() as admin:
            admin.flushall()
            admin.script_flush()
        assert sum([await _taken(one) for one in both]) == RATE.burst  # NOSCRIPT on the way, and no error
        server.kill()
        assert sum([await _taken(one) for one in both]) <= RATE.burst
        server.start()
        await until(lambda: link.state() == second.state() == "ok")
        assert sum([await _taken(one) for one in both]) == RATE.burst


async def test_fault_36_a_frozen_redis_does_not_stop_anybody(server: RedisServer, link: Link) -> None:
    limits = Limits(SharedMeter(link))
    await limits.take(RATE)
    server.freeze()
    async with asyncio.timeout(5):
        await limits.take(RATE)
    server.thaw()


async def test_a_redis_whose_clock_was_set_back_does_not_stop_us_for_that_long(server: RedisServer, link: Link) -> None:
    limits = Limits(SharedMeter(link))
    assert await _taken(limits) == RATE.burst
    with server.admin() as admin:
        key = next(iter(admin.scan_iter("*gcra*")))
        admin.set(key, float(str(admin.get(key))) + 100_000)
    await limits.take(RATE)


async def test_nothing_is_left_in_redis_for_good(server: RedisServer, link: Link) -> None:
    limits = Limits(SharedMeter(link))
    await limits.take(RATE)
    await limits.close(RATE, 30.0)
    with server.admin() as admin:
        keys = [str(key) for key in admin.scan_iter("*") if not str(key).endswith(":alive")]
        assert len(keys) == 2
        assert all(0 < admin.ttl(key) <= 3600 for key in keys)
