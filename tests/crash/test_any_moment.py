"""SIGKILL at moments that nobody chose: ten tickets on their way, people who go on, the same account at the end."""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import suppress

import pytest

from tests.crash.account import check, quiet
from tests.crash.bots import KILLED
from tests.crash.night import BotEnded, Night

TICKETS = 10
KILLS = 3
LATEST_S = 1.5
WHILE_STARTING = 0.2
"""How often the bot is killed without waiting for it to be ready first."""
MANY = 50


async def one_night(night: Night, seed: int) -> None:
    """Three times the bot is killed at a random moment; then it is left alone and must bring all to its end."""
    print(f"seed {seed}")  # noqa: T201  # pytest shows it when the night goes wrong
    dice = random.Random(seed)  # noqa: S311  # a night that can be played again
    killed = 0
    for _ in range(KILLS):
        if dice.random() < WHILE_STARTING:
            night.bot.launch()
        else:
            await night.bot.start()
        people = asyncio.create_task(_people(night, dice.randint(2, TICKETS // 2)))
        await asyncio.sleep(dice.uniform(0, LATEST_S))
        night.bot.signal(signal.SIGKILL)
        killed += await night.bot.ended() == KILLED
        await people
    assert killed == KILLS, night.bot.tail()
    await night.bot.start()
    await night.redeliver()
    for case in night.cases:
        await night.finish(case)
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)


async def _people(night: Night, new: int) -> None:
    """They file, and decide whatever shows a card, until the bot is gone."""
    with suppress(BotEnded):
        for _ in range(min(new, TICKETS - len(night.cases))):
            await night.file(f"Ticket {len(night.cases) + 1} of a long night")
        for case in list(night.cases):
            if not case.acked:
                await night.approve(case)
        await night.until(lambda: False)


@pytest.mark.parametrize("seed", [1])
async def test_killed_at_any_moment(seed: int, night: Night) -> None:
    await one_night(night, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 2 + MANY))
async def test_killed_at_any_moment_of_many_nights(seed: int, night: Night) -> None:
    await one_night(night, seed)
