"""Turns are handed out as fast as a rate allows, and whoever would wait long is sent away with a place in the queue."""

from __future__ import annotations

import asyncio

import pytest

from bot.limits.limits import FURTHEST_S, Limits
from bot.limits.meters import LONGEST_CLOSURE_S, LocalMeter
from bot.limits.rates import Rate, RateLimits, Unlimited
from graphs.errors import RateLimited

SLOW = Rate("slow", per_minute=1, burst=3)
QUICK = Rate("quick", per_minute=60_000, burst=1)


async def _taken(limits: RateLimits, rate: Rate, tries: int) -> int:
    """How many of so many tries got a turn."""
    results = await asyncio.gather(*(limits.take(rate) for _ in range(tries)), return_exceptions=True)
    assert all(one is None or isinstance(one, RateLimited) for one in results)
    return results.count(None)


async def test_a_burst_is_let_through_and_then_no_more() -> None:
    assert await _taken(Limits(LocalMeter()), SLOW, 20) == SLOW.burst


async def test_a_short_wait_is_waited() -> None:
    assert await _taken(Limits(LocalMeter()), QUICK, 20) == 20


async def test_names_do_not_share() -> None:
    limits = Limits(LocalMeter())
    assert await _taken(limits, SLOW, 5) == 3
    assert await _taken(limits, Rate("another", 1, 3), 5) == 3


async def test_a_dear_turn_costs_more() -> None:
    limits = Limits(LocalMeter())
    await limits.take(SLOW, cost=2)
    assert await _taken(limits, SLOW, 5) == 1


async def test_what_costs_more_than_a_burst_is_possible_at_all() -> None:
    await Limits(LocalMeter()).take(SLOW, cost=100)


async def test_those_who_are_sent_away_do_not_come_back_together() -> None:
    limits = Limits(LocalMeter())
    assert await _taken(limits, SLOW, SLOW.burst) == SLOW.burst
    often = Rate("often", per_minute=600, burst=1)
    busy = Limits(LocalMeter(), patience_s=0.0)
    await busy.take(often)
    places = []
    for _ in range(50):
        with pytest.raises(RateLimited) as sent_away:
            await busy.take(often)
        places.append(sent_away.value.retry_after_s)
    assert places == sorted(places)
    assert 3.0 < places[-1] <= FURTHEST_S  # fifty at ten a second
    with pytest.raises(RateLimited) as sent_away:
        await limits.take(SLOW)
    assert 0 < sent_away.value.retry_after_s <= 60


async def test_what_the_other_side_closed_is_closed_for_everybody_here() -> None:
    limits = Limits(LocalMeter())
    await limits.close(QUICK, 30.0)
    with pytest.raises(RateLimited) as sent_away:
        await limits.take(QUICK)
    assert 25 < sent_away.value.retry_after_s <= 30
    await limits.take(SLOW)


async def test_a_closure_ends_and_is_bounded() -> None:
    limits = Limits(LocalMeter())
    await limits.close(QUICK, 0.01)
    await limits.take(QUICK)  # waits for the end of it
    meter = LocalMeter()
    await meter.close(SLOW, 10**9)
    assert meter.closed_for(SLOW) <= LONGEST_CLOSURE_S


async def test_one_of_several_keeps_to_its_share() -> None:
    shared = [Limits(LocalMeter(lambda: 3)) for _ in range(3)]
    rate = Rate("shared", per_minute=1, burst=9)
    assert [await _taken(one, rate, 10) for one in shared] == [3, 3, 3]


@pytest.mark.parametrize("burst", [1, 20, 79])
async def test_never_above_holds_for_any_minute(burst: int) -> None:
    rate = Rate.never_above(80, "content", burst)
    assert rate.burst + rate.per_minute == 80
    assert await _taken(Limits(LocalMeter(), patience_s=0.0), rate, 100) == burst


async def test_whoever_slept_through_a_turn_may_not_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0

    async def asleep(_seconds: float) -> None:
        nonlocal now
        now += 30.0

    limits = Limits(LocalMeter())
    monkeypatch.setattr("bot.limits.limits.time.monotonic", lambda: now)
    rate = Rate("slept", per_minute=60, burst=1)
    await limits.take(rate)
    monkeypatch.setattr("bot.limits.limits.asyncio.sleep", asleep)
    with pytest.raises(RateLimited, match="slept") as late:
        await limits.take(rate)
    assert late.value.retry_after_s == 0.0


async def test_unlimited_is_never_closed() -> None:
    limits: RateLimits = Unlimited()
    await limits.close(SLOW, 60)
    assert await _taken(limits, SLOW, 100) == 100
