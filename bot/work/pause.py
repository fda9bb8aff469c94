"""The off switch: a setting, a file in the data folder, or `strata pause` for all processes. Any of them is enough."""

from __future__ import annotations

from bot.settings import Settings

PAUSE_FILE = "PAUSED"


class PauseSwitch:
    """Asked before every step that proposes or writes."""

    def __init__(self, settings: Settings) -> None:
        self._setting = settings.strata_paused
        self._file = settings.strata_directory / PAUSE_FILE

    def is_on(self) -> bool:
        return self._setting or self._file.exists()
