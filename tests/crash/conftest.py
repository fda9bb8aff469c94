"""The forker, and an empty record on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.crash.bots import Forker
from tests.crash.night import Night, open_night


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    one = Forker()
    one.start()
    yield one
    one.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest) -> str:
    """Empty for SQLite: the file is then in the night's own folder."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("pg_database")
    return url


@pytest.fixture
async def night(tmp_path: Path, forker: Forker, record_url: str) -> AsyncIterator[Night]:
    async with open_night(tmp_path, forker, record_url) as one:
        yield one


@pytest.fixture
async def long_leases(tmp_path: Path, forker: Forker, record_url: str) -> AsyncIterator[Night]:
    """A night for several executors: none of them takes over from one that is merely slow."""
    async with open_night(tmp_path, forker, record_url, lease_s="2") as one:
        yield one
