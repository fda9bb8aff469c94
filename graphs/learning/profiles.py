"""The engines by name.

Owns which profiles there are and which one `local` means on this machine. Must not load a model.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from graphs.learning.engine import LocalEngine


class Profile(StrEnum):
    """`local` is the best profile that is installed."""

    LOCAL = "local"
    LEXICAL = "lexical"


def engine_of(profile: Profile) -> LocalEngine:
    match profile:
        case Profile.LOCAL | Profile.LEXICAL:
            return LocalEngine()
        case _:
            assert_never(profile)
