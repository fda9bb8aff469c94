"""With what the bot is measured: where its record lies, how many processes work on it.

To add a store: a member of `Store`, its environment here, its size in `bot.bench.footprint`.
"""

from __future__ import annotations

from enum import StrEnum

from graphs.model import Value


class Store(StrEnum):
    SQLITE = "sqlite"


class Setup(Value):
    """One row of a comparison between stores."""

    store: Store = Store.SQLITE
    workers: int = 1

    def environment(self) -> dict[str, str]:
        """What the bot's process is told beside its addresses and tokens."""
        return {"STRATA_LOG": "warning"}
