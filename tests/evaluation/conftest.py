"""The record and the house of the service's tests: corrections are made there as people make them."""

from __future__ import annotations

from tests.records import migrated_file, migrated_pg, pytest_generate_tests, record, record_url, store
from tests.service.conftest import house

__all__ = ["house", "migrated_file", "migrated_pg", "pytest_generate_tests", "record", "record_url", "store"]
