"""A house for each test."""

from __future__ import annotations

import pytest

from bot.record.record import Record
from tests.records import migrated_file, migrated_pg, pytest_generate_tests, record, record_url, store
from tests.service.house import House

__all__ = ["migrated_file", "migrated_pg", "pytest_generate_tests", "record", "record_url", "store"]


@pytest.fixture
def house(record: Record) -> House:  # the fixture above
    return House(record)
