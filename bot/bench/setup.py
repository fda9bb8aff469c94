"""With what the bot is measured: where its record lies, how many processes work on it.

To add a store: a member of `Store`, how it is opened in `bot.bench.stores`.
"""

from __future__ import annotations

from enum import StrEnum

from graphs.model import Value

UNLIMITED = {"STRATA_LIMITS": "false", "STRATA_SWEEP_CARDS": "10000"}
"""The doubles take as much as comes; at Slack's own rates everything would be measured as sixty cards a minute."""


class Store(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    POSTGRESQL_REDIS = "postgresql+redis"


class Setup(Value):
    """One row of a comparison between stores."""

    store: Store = Store.SQLITE
    workers: int = 1

    def environment(self) -> dict[str, str]:
        """What the bot's process is told beside its addresses and tokens."""
        return {"STRATA_LOG": "warning", **UNLIMITED}
