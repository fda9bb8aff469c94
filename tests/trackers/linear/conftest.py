"""A record for the tests that follow a delivery into it."""

from __future__ import annotations

from tests.records import migrated_file, migrated_pg, pytest_generate_tests, record, record_url, store

__all__ = ["migrated_file", "migrated_pg", "pytest_generate_tests", "record", "record_url", "store"]
