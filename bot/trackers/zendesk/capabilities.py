"""What Zendesk cannot do."""

from __future__ import annotations

from typing import Final

from graphs.capabilities import Capabilities, Shortfall

ZENDESK: Final = Capabilities(
    title="Zendesk", cannot=frozenset({Shortfall.ONE_ASSIGNEE, Shortfall.KEEPS_COMMENTS}), makes_labels_by_use=True
)
"""It signs when a delivery was sent, and repeats one that was answered with 409, 429 or 503."""
