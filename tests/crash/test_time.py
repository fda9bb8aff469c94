"""Clocks that are wrong, and time that passes while nobody is there."""

from __future__ import annotations

import random

import httpx
import pytest

from bot.demo.town import CHANNEL
from tests.crash.account import check, quiet
from tests.crash.night import ON_DUTY, Night, Story
from tests.crash.stories import begin, let_time_pass, play

HOUR_S = 3600.0


@pytest.mark.parametrize("clock_s", [-HOUR_S, 600.0], ids=["an hour behind", "ten minutes ahead"])
async def test_fault_64_a_bot_whose_clock_is_wrong(night: Night, clock_s: float) -> None:
    """It says that it is not ready, refuses what Slack signs, and does no harm; set right, it goes on."""
    night.bot.launch(clock_s=clock_s)
    await night.bot.answers()
    case = await night.file()
    card = await night.card(case)
    assert await _readiness(night) == 503
    assert not (await night.town.slack.click(ON_DUTY, CHANNEL, card.ts, "approve", seen=card)).acked
    await quiet(night)
    assert night.town.github.writes() == ()
    assert await night.bot.stop() == 0
    await night.bot.start()
    assert await _readiness(night) == 200
    await night.finish(case)
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)


async def _readiness(night: Night) -> int:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{night.bot.url}/readyz")).status_code


async def test_fault_65_a_proposal_expires_while_nobody_is_there(night: Night) -> None:
    """Once, with its card; whoever asks afterwards gets a fresh one."""
    await night.bot.start()
    expired = await begin(night, Story.EXPIRED, random.Random(65))  # noqa: S311  # a night that can be played again
    await night.card(expired)
    assert await night.bot.stop() == 0
    await let_time_pass(night, expired)
    await night.bot.start()
    await night.shows(expired, "Expired")
    anew = await night.town.slack.slash(ON_DUTY, CHANNEL, "/triage", f"{night.town.repository}#{expired.number}")
    assert anew.acked
    fresh = await night.until(lambda: night.cards(expired)[1:])
    assert "approve" in fresh[0].action_ids
    expired.story, expired.by = Story.COMMANDED, ON_DUTY
    expired.steps.add("typed")
    expired.cards = 2
    await play(night, expired)
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)
