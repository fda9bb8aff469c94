"""An empty record for each test."""

from __future__ import annotations

from tests.records import migrated_file, record

__all__ = ["migrated_file", "record"]
