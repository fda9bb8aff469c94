"""What GitLab cannot do."""

from __future__ import annotations

from typing import Final

from graphs.capabilities import Capabilities, Shortfall

GITLAB: Final = Capabilities(
    title="GitLab", cannot=frozenset({Shortfall.ONE_ASSIGNEE, Shortfall.UNSIGNED_TIME, Shortfall.LOSES_EVENTS})
)
"""Paid tiers have several assignees; the list can still only be set as a whole, so nobody is added to others."""
