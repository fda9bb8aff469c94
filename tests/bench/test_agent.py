"""The measurement of the agent still runs and says what it promises. No figure is judged: that is the machine's."""

from __future__ import annotations

import pytest

from bot.bench.agent import Overhead, OverheadReport, overhead
from bot.cli.exits import DONE
from tests.bench.agent import decision_p99
from tests.cli.strata import Strata, strata

__all__ = ["strata"]


async def test_each_design_is_measured() -> None:
    found = await overhead(tickets=2)
    assert [(one.design, one.requests) for one in found.designs] == [("one question", 1), ("with a look-up", 2)]
    assert all(min(one.p50_ms, one.p99_ms, one.cpu_ms) > 0 for one in found.designs)
    assert decision_p99(10) > 0


def test_what_is_aimed_at() -> None:
    fine = Overhead(design="x", requests=1, p50_ms=100, p99_ms=900, cpu_ms=40)
    assert fine.within
    assert not fine.model_copy(update={"p50_ms": 100.1}).within
    assert not fine.model_copy(update={"cpu_ms": 40.1}).within


def test_the_command_says_it_in_json_and_in_words(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    found = OverheadReport(tickets=1, designs=(Overhead(design="x", requests=1, p50_ms=1, p99_ms=2, cpu_ms=3),))

    async def measured(tickets: int) -> OverheadReport:
        assert tickets == 7
        return found

    monkeypatch.setattr("bot.bench.agent.overhead", measured)
    assert OverheadReport.model_validate_json(strata("bench", "--agent", "--tickets", "7", "--json").out) == found
    ended = strata("bench", "--agent", "--tickets", "7")
    assert ended.code == DONE
    assert ended.out.splitlines() == [
        "x: 1.0 ms a ticket (p99 2.0), 3.0 ms of processor time",
        "aimed at: 100 ms, 40 ms of processor time. Kept here.",
    ]
