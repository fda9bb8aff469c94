"""The measurement still runs and says what it promises. No figure is judged: that depends on the machine."""

from __future__ import annotations

from tests.bench.durability import MODES, measured


async def test_each_mode_is_measured() -> None:
    costs = await measured(tickets=1, runs=1)
    assert [one.mode for one in costs] == list(MODES) == ["sync", "async", "exit"]
    assert all(min(one.start_ms, one.resume_ms, one.tickets_per_s, one.waiting_kib) > 0 for one in costs)
