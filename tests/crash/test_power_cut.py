"""Every process is gone at once, as in a power cut, while tickets of many kinds are on their way."""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import suppress

from tests.crash.account import arrived, check, quiet
from tests.crash.bots import KILLED
from tests.crash.night import BotEnded, Night, Story
from tests.crash.stories import begin, play

STORIES = (Story.APPROVED, Story.EDITED, Story.REJECTED, Story.WITHDRAWN, Story.COMMANDED, Story.UNSURE)
CUTS = 2
LATEST_S = 1.5


async def test_fault_19_a_power_cut_takes_all_processes_at_once(night: Night) -> None:
    dice = random.Random(19)  # noqa: S311  # a night that can be played again
    night.split()
    others = [night.second_bot(), night.executor(), night.executor()]
    for _ in range(CUTS):
        await night.bot.start()
        for one in others:
            one.launch()
        people = [
            asyncio.create_task(_go_on(night, story, dice)) for story in dice.sample(STORIES, k=len(STORIES) // CUTS)
        ]
        await asyncio.sleep(dice.uniform(0.3, LATEST_S))
        for one in (night.bot, *others):
            one.signal(signal.SIGKILL)
        assert {await one.ended() for one in (night.bot, *others)} == {KILLED}
        await asyncio.gather(*people)
    for one in (others[1], night.bot):
        await one.start()
    await night.redeliver(await arrived(night))
    for case in night.cases:
        await play(night, case)
    await night.redeliver()
    await quiet(night)
    for one in (night.bot, others[1]):
        assert await one.stop() == 0
    await check(night)


async def _go_on(night: Night, story: Story, dice: random.Random) -> None:
    with suppress(BotEnded):
        await play(night, await begin(night, story, dice))
