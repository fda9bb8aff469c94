"""What each kind of Jira cannot do."""

from __future__ import annotations

from typing import Final

from graphs.capabilities import Capabilities, Shortfall

_BOTH: Final = frozenset({Shortfall.ONE_ASSIGNEE, Shortfall.UNSIGNED_TIME})
CLOUD: Final = Capabilities(title="Jira", cannot=_BOTH, makes_labels_by_use=True)
"""Its deliveries carry a signed time, but the id that tells a repetition is a header and is not signed."""
DATA_CENTER: Final = Capabilities(title="Jira", cannot=_BOTH | {Shortfall.LOSES_EVENTS}, makes_labels_by_use=True)
