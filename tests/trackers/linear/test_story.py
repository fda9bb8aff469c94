"""The demo's story in a local Linear: the real bot as a process, signed webhooks, cards, clicks, writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.linear_town import open_linear_town
from bot.demo.story import play

pytestmark = pytest.mark.long


async def test_the_story_comes_out_right(tmp_path: Path) -> None:
    async with open_linear_town(tmp_path) as town:
        report = await play(town, lambda _: None, show_cards=False)
        assert report.problems() == []
        await town.tracker.settle()
        assert {one.status_code for one in town.tracker.deliveries()} == {200}
