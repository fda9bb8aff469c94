"""The demo's story in a local Zendesk: the real bot as a process, signed events, cards, clicks, writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.story import play
from bot.demo.zendesk_town import open_zendesk_town

pytestmark = pytest.mark.long


async def test_the_story_comes_out_right(tmp_path: Path) -> None:
    async with open_zendesk_town(tmp_path) as town:
        report = await play(town, lambda _: None, show_cards=False)
        assert report.problems() == []
        await town.tracker.settle()
        assert {one.status_code for one in town.tracker.deliveries()} == {202}
