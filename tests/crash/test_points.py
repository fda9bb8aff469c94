"""The bot dies at every named point of a ticket's way, starts again, and nobody notices more than a pause."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.crash import POINTS
from tests.crash.bots import Forker
from tests.crash.night import open_night
from tests.crash.sweep import REACHED, nights, one_night

SHORT = 1
"""The seed of `make test`."""
MANY = 50
STORES = ("sqlite", "postgresql")


def test_every_point_is_on_the_way_of_some_story() -> None:
    assert set(REACHED) == set(POINTS)
    seen = [point for night in nights(random.Random(SHORT)) for point in night]  # noqa: S311  # a plan, no secret
    assert sorted(seen) == sorted(POINTS)


def _plan(seed: int, *, both: bool) -> list[object]:
    """(seed, points, store) of each night; on alternating stores, or all on both."""
    return [
        pytest.param(seed, points, store, id=f"{seed}-{store}-{'+'.join(points)}")
        for index, points in enumerate(nights(random.Random(seed)))  # noqa: S311  # a night that can be played again
        for store in (STORES if both else (STORES[(index + seed) % 2],))
    ]


async def swept(
    seed: int, points: tuple[str, ...], store: str, tmp_path: Path, forker: Forker, request: pytest.FixtureRequest
) -> None:
    print(f"seed {seed} on {store}")  # noqa: T201  # pytest shows it when the night goes wrong
    url: str = "" if store == "sqlite" else request.getfixturevalue("pg_database")
    dice = random.Random(f"{seed} {points}")  # noqa: S311  # a night that can be played again
    async with open_night(tmp_path, forker, url) as night:
        await one_night(night, points, dice)


@pytest.mark.parametrize(("seed", "points", "store"), _plan(SHORT, both=False))
async def test_fault_1_to_15_17_crash_points(
    seed: int, points: tuple[str, ...], store: str, tmp_path: Path, forker: Forker, request: pytest.FixtureRequest
) -> None:
    await swept(seed, points, store, tmp_path, forker, request)


@pytest.mark.long
@pytest.mark.parametrize(
    ("seed", "points", "store"), [one for seed in range(SHORT, SHORT + MANY) for one in _plan(seed, both=True)]
)
async def test_fault_1_to_15_17_crash_points_of_many_seeds(
    seed: int, points: tuple[str, ...], store: str, tmp_path: Path, forker: Forker, request: pytest.FixtureRequest
) -> None:
    await swept(seed, points, store, tmp_path, forker, request)
