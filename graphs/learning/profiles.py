"""The engines by name.

Owns which profiles there are and which one `local` means on this machine. Must not load a model.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from graphs.learning import artefact_stacked, encoder
from graphs.learning.engine import LocalEngine
from graphs.learning.online import Precedents


class Profile(StrEnum):
    """`local` is the best profile that is installed: a model trained without the encoder counts as lexical."""

    LOCAL = "local"
    LEXICAL = "lexical"
    STACKED = "stacked"


def engine_of(profile: Profile, precedents: Precedents | None = None) -> LocalEngine:
    match profile:
        case Profile.LOCAL:
            return LocalEngine(precedents=precedents, stacked=encoder.installed() and artefact_stacked.trained())
        case Profile.LEXICAL:
            return LocalEngine(precedents=precedents)
        case Profile.STACKED:
            return LocalEngine(precedents=precedents, stacked=True)
        case _:
            assert_never(profile)
