"""The bot dies at every named point of a ticket's way, starts again, and nobody notices more than a pause."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.crash import POINTS
from tests.crash.account import check, quiet
from tests.crash.bots import KILLED
from tests.crash.night import BotEnded, Night


@pytest.mark.parametrize("point", sorted(POINTS))
async def test_exactly_once_after_a_crash_at(point: str, night: Night) -> None:
    await night.bot.start(STRATA_CRASH_AT=point)
    case = await night.file()
    with suppress(BotEnded):
        await night.finish(case)
        await quiet(night)
    assert await night.bot.ended() == KILLED, f"{point} was never reached\n{night.bot.tail()}"
    assert f"crash point {point} reached" in night.bot.log()
    await night.bot.start()
    # No delivery is sent again before the end: what was stored must come through by itself.
    await night.finish(case)
    await night.redeliver()
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)
