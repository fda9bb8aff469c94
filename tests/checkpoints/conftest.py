"""The checkpointers as the bot opens them: each test on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.checkpoints.guarded import Guarded
from bot.checkpoints.opening import open_checkpoints
from bot.settings import Settings


def settings_for(folder: Path, url: str = "") -> Settings:
    return Settings(_env_file=None, strata_directory=folder, strata_record_url=url)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a bot that was never started."""
    return settings_for(tmp_path, "" if request.param == "sqlite" else request.getfixturevalue("pg_database"))


@pytest.fixture
async def saver(settings: Settings) -> AsyncIterator[Guarded]:
    async with open_checkpoints(settings) as opened:
        yield opened
