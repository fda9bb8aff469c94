"""What GitHub cannot do."""

from __future__ import annotations

from typing import Final

from graphs.capabilities import Capabilities, Shortfall

GITHUB: Final = Capabilities(title="GitHub", cannot=frozenset({Shortfall.UNSIGNED_TIME, Shortfall.LOSES_EVENTS}))
