"""The stage, for every story; for the fault list (`test_fault_…`) on each record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.slack.desk import open_client
from bot.trackers.transport import Limits
from bot.work.worker import Pace
from tests.e2e.stage import Stage, open_stage
from tests.records import migrated_file, migrated_pg, pytest_generate_tests, record_url, store

__all__ = ["migrated_file", "migrated_pg", "pytest_generate_tests", "record_url", "store"]

SLOW = frozenset(
    {
        "test_fault_22_eight_people_on_each_card_give_one_winner_and_one_write_each",
        "test_fault_50_a_ticket_that_cannot_be_read_is_read_later",
        "test_fault_51_writes_with_an_unsure_outcome_are_made_once",
        "test_fault_54_rate_limits_are_waited_out",
    }
)
"""`make test` runs these on SQLite, `make long` on PostgreSQL too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.name.endswith("[postgresql]") and item.name.split("[")[0] in SLOW:
            item.add_marker(pytest.mark.long)


@pytest.fixture
def on_store(record_url: str) -> Callable[[Settings], Settings]:
    """Settings with a migrated record of the store that the test is to run on."""
    return lambda settings: settings.model_copy(update={"strata_record_url": record_url})


@pytest.fixture
async def stage(tmp_path: Path, on_store: Callable[[Settings], Settings]) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, change=on_store) as ready:
        yield ready


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and time limits of a second and less, so that a fault costs a test no more than that."""
    pace = Pace(concurrency=8, poll_s=0.05, backoff_s=0.05, backoff_max_s=0.1, outage_s=0.1)
    monkeypatch.setattr("bot.bootstrap.pacing.pace", lambda _settings, poll_s=pace.poll_s: replace(pace, poll_s=poll_s))
    monkeypatch.setattr("bot.bootstrap.pacing.EXECUTOR_POLL_S", pace.poll_s)
    monkeypatch.setattr("bot.slack.desk.open_client", partial(open_client, timeout_s=1))
    short = partial(Limits, connect_s=1.0, silence_s=0.4, whole_s=0.8)
    monkeypatch.setattr("bot.trackers.transport.Limits", short)


@pytest.fixture
async def shaky(tmp_path: Path, impatient: None, on_store: Callable[[Settings], Settings]) -> AsyncIterator[Stage]:
    """A stage on which things are about to go wrong."""
    async with open_stage(tmp_path, change=on_store) as ready:
        yield ready
