"""The checkpointer as the bot opens it, in a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from bot.checkpoints.sqlite import open_sqlite


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.db"


@pytest.fixture
async def saver(checkpoints: Path) -> AsyncIterator[AsyncSqliteSaver]:
    async with open_sqlite(checkpoints) as opened:
        yield opened
