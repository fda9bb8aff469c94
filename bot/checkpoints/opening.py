"""Chooses where checkpoints are kept: wherever the record is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.checkpoints.guarded import Guarded
from bot.checkpoints.sqlite import open_sqlite
from bot.settings import Settings


@asynccontextmanager
async def open_checkpoints(settings: Settings) -> AsyncIterator[Guarded]:
    """An official saver with its tables made. Raises `BadSetting`, `bot.record.outages.RecordUnavailable`."""
    if settings.record_url.startswith("sqlite"):
        async with open_sqlite(settings.checkpoints_path) as saver:
            yield saver
    else:
        from bot.checkpoints.postgres import open_postgres  # heavy: most never need it

        async with open_postgres(settings.record_url) as checkpoints:
            yield checkpoints
