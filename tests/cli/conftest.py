"""`strata`, ready to be called."""

from __future__ import annotations

from tests.cli.strata import strata

__all__ = ["strata"]
