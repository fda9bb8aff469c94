"""Slack, GitHub and the webhooks between them misbehave at random while a dozen tickets are on their way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.crash.account import arrived, check, quiet
from tests.crash.bots import Forker
from tests.crash.night import Night, Story, open_night
from tests.crash.stories import begin, play

TICKETS = 12
GUSTS = 60
MANY = 50
STORIES = (Story.APPROVED, Story.EDITED, Story.REJECTED, Story.WITHDRAWN, Story.COMMANDED, Story.REFUSED)
METHODS = ("chat.postMessage", "chat.update", "users.info", "conversations.history")
ISSUES = r"/issues/"
Trouble = Callable[[Night, random.Random], object]

TROUBLES: Sequence[Trouble] = (
    # Slack: 5xx done and not done, no answer, 429, late, the same press several times
    lambda night, dice: night.town.slack.faults.fail(dice.choice(METHODS), status=dice.choice((500, 503))),
    lambda night, dice: night.town.slack.faults.fail(dice.choice(METHODS), takes_effect=True),
    lambda night, dice: night.town.slack.faults.cut(dice.choice(METHODS), takes_effect=dice.random() < 0.5),
    lambda night, dice: night.town.slack.faults.rate_limit(dice.choice(METHODS), retry_after_s=1),
    lambda night, dice: night.town.slack.faults.delay(dice.choice(METHODS), dice.uniform(0, 0.4)),
    lambda night, dice: night.town.slack.faults.duplicate_interaction(copies=dice.randint(2, 5)),
    # GitHub: the same, and half an answer
    lambda night, dice: night.town.github.faults.fail(dice.choice((500, 502, 503)), path=ISSUES),
    lambda night, _: night.town.github.faults.break_before(path=ISSUES),
    lambda night, _: night.town.github.faults.apply_then_break(path=ISSUES),
    lambda night, _: night.town.github.faults.garbage(path=ISSUES),
    lambda night, dice: night.town.github.faults.secondary_limit(1, status=dice.choice((403, 429)), path=ISSUES),
    lambda night, dice: night.town.github.faults.delay(dice.uniform(0, 0.3), dice.uniform(0, 0.3), path=ISSUES),
    # webhooks: several times, out of order, late
    lambda night, dice: night.town.github.webhook_faults.duplicate(dice.randint(2, 5)),
    lambda night, dice: night.town.github.webhook_faults.reorder(dice.randint(2, 4)),
    lambda night, dice: night.town.github.webhook_faults.delay(dice.uniform(0, 0.5)),
)


async def weather(night: Night, dice: random.Random) -> None:
    """Something new every moment, and what is held back let out now and then; in the end the sky is clear."""
    for _ in range(GUSTS):
        dice.choice(TROUBLES)(night, dice)
        await asyncio.sleep(dice.uniform(0.02, 0.2))
        if dice.random() < 0.2:
            night.town.github.webhooks.release()
    night.town.slack.faults.clear()
    night.town.github.let_go()
    night.town.github.webhooks.release()


async def stormy(seed: int, store: str, tmp_path: Path, forker: Forker, request: pytest.FixtureRequest) -> None:
    print(f"seed {seed} on {store}")  # noqa: T201  # pytest shows it when the night goes wrong
    dice = random.Random(seed)  # noqa: S311  # a night that can be played again
    url: str = "" if store == "sqlite" else request.getfixturevalue("pg_database")
    async with open_night(tmp_path, forker, url, lease_s="2") as night:
        await night.bot.start()
        storm = asyncio.create_task(weather(night, random.Random(f"weather {seed}")))  # noqa: S311  # as above
        people = []
        for _ in range(TICKETS):
            people.append(asyncio.create_task(play(night, await begin(night, dice.choice(STORIES), dice))))
            await asyncio.sleep(dice.uniform(0, 0.2))
        await storm
        await night.redeliver(await arrived(night))
        await asyncio.gather(*people)
        await night.redeliver()
        await quiet(night)
        assert await night.bot.stop() == 0
        await check(night)


@pytest.mark.parametrize(("seed", "store"), [(1, "sqlite"), (2, "postgresql")])
async def test_fault_42_43_46_50_51_54_57_59_a_random_schedule(
    seed: int, store: str, tmp_path: Path, forker: Forker, request: pytest.FixtureRequest
) -> None:
    await stormy(seed, store, tmp_path, forker, request)


@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seed", range(3, 3 + MANY))
async def test_fault_42_43_46_50_51_54_57_59_a_random_schedule_of_many_seeds(
    seed: int, store: str, tmp_path: Path, forker: Forker, request: pytest.FixtureRequest
) -> None:
    await stormy(seed, store, tmp_path, forker, request)
