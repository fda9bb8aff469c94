"""The measurement of the agent still runs and says what it promises. No figure is judged: that is the machine's."""

from __future__ import annotations

from tests.bench.agent import decision_p99, overhead


async def test_each_design_is_measured() -> None:
    found = await overhead(tickets=2)
    assert [one.design for one in found] == ["one question", "with a look-up"]
    assert all(min(one.p50, one.p99, one.cpu) > 0 for one in found)
    assert decision_p99(10) > 0
