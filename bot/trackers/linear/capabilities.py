"""What Linear cannot do."""

from __future__ import annotations

from typing import Final

from graphs.capabilities import Capabilities, Shortfall

LINEAR: Final = Capabilities(title="Linear", cannot=frozenset({Shortfall.ONE_ASSIGNEE}))
"""It signs when a delivery was sent, and repeats a lost one after a minute, an hour and six hours."""
